import { conformanceOn } from "./support/conformanceOn.ts";

conformanceOn("lavapipe");
