/**
 * Providers whose every word is known to make nothing in a network but what the model reads: a provider is a program that
 * runs with the deployer's rights, so that of any other nobody can say what it does.
 */
const KNOWN: readonly string[] = ["archive", "aws", "cloudinit", "local", "null", "random", "template", "time", "tls"];

/** `terraform_data` and remote states, by the names that configurations and plans give Terraform itself. */
const BUILT_IN: readonly string[] = ["registry.terraform.io/hashicorp/terraform", "terraform.io/builtin/terraform"];

/** @param source full address, such as `registry.terraform.io/hashicorp/aws`. */
export const isKnownProvider = (source: string): boolean =>
  BUILT_IN.includes(source) || KNOWN.some((name) => source === `registry.terraform.io/hashicorp/${name}`);
