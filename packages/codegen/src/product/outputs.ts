import type { KernelOutput } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import { ExpressionPrinter } from "../expression.ts";
import type { Source } from "../source.ts";
import type { Access } from "./access.ts";
import { dependsOn, type Space } from "./affine.ts";
import type { Places } from "./places.ts";
import { inputAccess, loadedInputs, outputAccess, type Product } from "./product.ts";
import { conditionOf, type Position, valuesAt, Walk } from "./walk.ts";

/** Names of coordinates in one space. */
export type Coordinates = readonly string[];

/** Finishes the sums of a group at one position of the remaining space, if there is one. */
export type Finish = (sums: readonly string[], rest?: Coordinates) => void;

/** An input or an output on the way to its positions. */
interface Stream {
  readonly number: number;
  readonly access: Access;
  readonly walk: Walk;
}

/** Calculates the kernel's expression on sums and stores the outputs, for groups of neighbours along one of the spaces. */
export class Outputs {
  readonly #source: Source;
  readonly #product: Product;
  readonly #places: Places;
  readonly #along: Space;
  readonly #rest: Space | undefined;
  readonly #known: Position;
  readonly #inputs: readonly Stream[];
  readonly #outputs: readonly Stream[];
  readonly #buffers: Buffers;

  /** `known` says where all groups are in the spaces that `along` and `rest` are not. */
  constructor(source: Source, product: Product, places: Places, known: Position, along: Space, rest?: Space) {
    this.#source = source;
    this.#product = product;
    this.#places = places;
    this.#along = along;
    this.#rest = rest;
    this.#known = known;
    this.#buffers = new Buffers(source, product.kernel);
    const stream = (number: number, access: Access): Stream => {
      let walk = Walk.start(source, access, product.sizes);
      for (const [space, coordinates] of Object.entries(known)) walk = walk.enter(space as Space, coordinates);
      return { number, access, walk };
    };
    this.#inputs = loadedInputs(product).map((input) => stream(input, inputAccess(product, input)));
    this.#outputs = product.kernel.outputs.map((_, i) => stream(i, outputAccess(product, i)));
  }

  /** Begins a group of four neighbours that are read and written together where they can be, or of any number of single ones. */
  begin(group: readonly Coordinates[]): Finish {
    const s = this.#source;
    const { kernel, sizes, inside } = this.#product;
    const isVector = (vector: boolean): boolean => vector && group.length === 4;
    const inputs = this.#inputs.map((stream) => {
      const vector = isVector(this.#places.isVectorInput(stream.number));
      const one = vector || !this.#changes(stream, this.#along);
      const walks = (one ? group.slice(0, 1) : group).map((at) => stream.walk.enter(this.#along, at));
      return { ...stream, vector, walks };
    });
    const outputs = this.#outputs.map((stream) => {
      const vector = isVector(this.#places.isVectorOutput(stream.number));
      const walks = (vector ? group.slice(0, 1) : group).map((at) => stream.walk.enter(this.#along, at));
      return { ...stream, vector, walks };
    });
    const enter = (walk: Walk, rest: Coordinates | undefined): Walk =>
      this.#rest === undefined ? walk : walk.enter(this.#rest, rest as Coordinates);
    /** The values of an input at each of the group's elements. */
    const load = ({ number, vector, walks }: (typeof inputs)[number], rest: Coordinates | undefined): string[] => {
      if (vector) return this.#places.loadVector(number, enter(walks[0] as Walk, rest));
      const values = walks.map((walk) => this.#places.load(number, enter(walk, rest)));
      return group.map((_, i) => (values.length === 1 ? values[0] : values[i]) as string);
    };
    const nowhere = this.#rest && sizes[this.#rest].map(() => "0");
    const same = inputs.map((input) =>
      this.#rest === undefined || !this.#changes(input, this.#rest) ? load(input, nowhere) : undefined,
    );

    return (sums, rest) => {
      const position = (along: Coordinates): Position => ({
        ...this.#known,
        [this.#along]: along,
        ...(this.#rest === undefined ? {} : { [this.#rest]: rest }),
      });
      const store = (): void => {
        const loaded = new Map(inputs.map((input, i) => [input.number, same[i] ?? load(input, rest)]));
        const values = group.map((along, i) => {
          const printer = new ExpressionPrinter(s, kernel, this.#buffers, {
            position: this.#positionOf(position(along)),
            accumulator: sums[i] as string,
            loaded: (input: number) => loaded.get(input)?.[i],
          });
          return kernel.outputs.map(({ node }: KernelOutput) => printer.value(node));
        });
        for (const { number, vector, walks } of outputs) {
          const targets = walks.map((walk) => enter(walk, rest));
          const of = values.map((each) => each[number] as string);
          if (vector) this.#places.storeVector(number, targets[0] as Walk, of);
          else for (const [i, walk] of targets.entries()) this.#places.store(number, walk, of[i] as string);
        }
      };
      const condition = conditionOf(s, inside, sizes, position(group[0] as Coordinates));
      if (condition === undefined) store();
      else s.if(condition, store);
    };
  }

  #changes({ access: { address, checks } }: Stream, space: Space): boolean {
    return [address, ...checks.map(({ index }) => index)].some((index) => dependsOn(index, space, this.#product.sizes));
  }

  /** The position in the kernel's shape, where the expression asks for it. */
  #positionOf(at: Position): string[] {
    const { kernel, position } = this.#product;
    return kernel.nodes.some(({ op }) => op === "index") ? valuesAt(this.#source, position, at) : [];
  }
}
