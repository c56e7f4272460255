/** Paints 28x28 pixels from 0 to 255 as white ink. */
export const paintPixels = (canvas: HTMLCanvasElement, pixels: ArrayLike<number>): void => {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(28, 28);
  for (let i = 0; i < pixels.length; i++) {
    image.data.set([255, 255, 255, pixels[i] as number], 4 * i);
  }
  context.putImageData(image, 0, 0);
};
