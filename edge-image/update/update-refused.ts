/** Why an update is not taken, in words: `it is for site 'mill', this is 'plant'`. */
export class UpdateRefused extends Error {
  override readonly name = "UpdateRefused";
}
