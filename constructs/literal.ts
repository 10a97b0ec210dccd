/**
 * Text that Terraform must take as it is. In the JSON syntax every string is a template, in which a topic filter such as
 * `line/${x}` would be an expression (Terraform, "JSON Configuration Syntax", "Expression Mapping"; "Strings and
 * Templates", "Escape Sequences").
 */
export const literal = (text: string): string => text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
