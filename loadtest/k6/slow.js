// Slow consumers: as `visitors`, while SLEEPERS agents' sockets that never read are open beside it.
// The driver holds those, since k6 always reads. Nobody else may notice.

export { handleSummary, options, watch, write } from "./visitors.js";
