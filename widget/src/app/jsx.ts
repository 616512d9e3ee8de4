/** What JSX becomes; put in by the build. */
export { Fragment, h } from "preact";
