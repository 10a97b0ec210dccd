/** The only kind of resource that stands at the internet's side. An absent type means an application load balancer. */
export const isNetworkLoadBalancer = (type: string, attributes: Readonly<Record<string, unknown>>): boolean =>
  (type === "aws_lb" || type === "aws_alb") && attributes.load_balancer_type === "network";
