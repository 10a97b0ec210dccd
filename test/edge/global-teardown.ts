import { removeUnpacked } from "./test-image";

export default removeUnpacked;
