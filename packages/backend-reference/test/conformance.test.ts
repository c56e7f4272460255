import { conformance } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";

conformance({ create: () => createReferenceBackend(), reference: createReferenceBackend() });
