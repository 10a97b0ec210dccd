import { beforeAll, describe, expect, test } from "@jest/globals";
import { CONDUITS } from "../../policy/conduits";
import { type Facts, Reference } from "../../proof/facts/facts";
import { readPlan } from "../../proof/facts/read-plan";
import { networkInput } from "../../proof/network/network-input";
import { foreignNetworkProperties, siteNetworkProperties } from "../../proof/network/network-properties";
import { proveProperties } from "../../proof/prove-properties";
import { VIOLATIONS } from "../proof/mutations/network-violations";
import { StackDocument } from "../proof/mutations/stack-document";
import { planStack } from "../proof/plan-stack";
import { synthesizeSite } from "../proof/synthesize-site";
import { prove as holdTo } from "../../proof/prove";
import { readSynth } from "../../proof/facts/read-synth";
import { siteWithEdgeImages } from "../sites/with-edge-images";
import { testSite } from "../site";

const prove = (plan: string) => {
  const input = networkInput(readPlan(plan), { expose: [8883, 443], conduits: CONDUITS });
  return Object.fromEntries(
    proveProperties(siteNetworkProperties("internet"), input).map(({ id, verdict }) => [id, verdict]),
  );
};

describe("a first plan, with nothing applied", () => {
  let files: Record<string, string>;
  let plan: string;
  const text = synthesizeSite(testSite());
  const withArchives = (stack: string): Record<string, string> => {
    // Functions' code is an archive beside the stack; what is in it is no matter of the network.
    const archives = [...stack.matchAll(/"(assets\/[^"]+\.zip)"/g)].map(([, path]) => path!);
    return { "cdk.tf.json": stack, ...Object.fromEntries(archives.map((path) => [path, "archive"])) };
  };

  beforeAll(async () => {
    files = withArchives(text);
    plan = await planStack(files);
  });

  test("is proven, its unknown ids told by references", () => {
    const found = prove(plan);
    expect(Object.fromEntries(Object.entries(found).map(([id, { answer }]) => [id, answer]))).toEqual({
      "internet-reaches-exactly": "PROVEN",
      "zones-and-conduits": "PROVEN",
      "no-way-out": "PROVEN",
      "resolver-answers-known-names": "PROVEN",
      "tls-passes-through": "PROVEN",
    });
    const subnet = readPlan(plan).resources.find(({ type }) => type === "aws_subnet")!;
    expect(subnet.values.vpc_id).toBeInstanceOf(Reference);
  });

  test.each([
    "a second listener that the world may reach",
    "the addresses of S3 by way of NAT, since the endpoint serves other routes",
    "an inline rule",
  ])("shows %s as the synthesized stack does", async (title) => {
    const { mutate, property, path } = VIOLATIONS.find((violation) => violation.title === title)!;
    const stack = new StackDocument(text);
    mutate(stack);
    const verdict = prove(await planStack(withArchives(stack.text)))[property]!;
    if (verdict.answer !== "VIOLATED") throw new Error(JSON.stringify(verdict));
    expect(
      verdict.counterexamples.some(({ path: steps }) =>
        path.every((part) => steps.some(({ at, says }) => `${at} ${says}`.includes(part))),
      ),
    ).toBe(true);
  });

  test("of a site with images of edge devices is proven as its stack is", async () => {
    const site = siteWithEdgeImages();
    const stack = synthesizeSite(site);
    const answers = (facts: Facts) =>
      Object.fromEntries(
        holdTo({ facts }, { site, suppressions: [], today: "2026-06-01" }).proofs.map(({ id, verdict }) => [
          id,
          verdict,
        ]),
      );
    const synthesized = answers(readSynth(stack, site.name));
    const planned = answers(readPlan(await planStack(withArchives(stack))));
    for (const found of [synthesized, planned])
      expect(Object.entries(found).filter(([, { answer }]) => answer !== "PROVEN")).toEqual([]);
    expect(Object.keys(planned)).toEqual(Object.keys(synthesized));
    expect(Object.keys(planned).length).toBeGreaterThan(30);
  });

  test("of HCL says only what it refers to: it is unproven, unless its references are trusted", async () => {
    const hcl = `
      terraform {
        required_providers {
          aws = { source = "hashicorp/aws", version = "5.100.0" }
        }
      }
      provider "aws" { region = "eu-central-1" }
      resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
      resource "aws_internet_gateway" "a" { vpc_id = aws_vpc.a.id }
      resource "aws_subnet" "a" {
        count      = 2
        vpc_id     = aws_vpc.a.id
        cidr_block = cidrsubnet(aws_vpc.a.cidr_block, 8, count.index)
      }
      resource "aws_route_table" "a" {
        vpc_id = aws_vpc.a.id
        route {
          cidr_block = "0.0.0.0/0"
          gateway_id = aws_internet_gateway.a.id
        }
      }
      resource "aws_route_table_association" "a" {
        count          = 2
        subnet_id      = aws_subnet.a[count.index].id
        route_table_id = aws_route_table.a.id
      }
      resource "aws_security_group" "a" {
        vpc_id = aws_vpc.a.id
        ingress {
          protocol    = "tcp"
          from_port   = 443
          to_port     = 443
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
      resource "aws_instance" "a" {
        ami                         = "ami-0123456789abcdef0"
        instance_type               = "t3.nano"
        subnet_id                   = aws_subnet.a[1].id
        vpc_security_group_ids      = [aws_security_group.a.id]
        associate_public_ip_address = true
      }`;
    const theirs = await planStack({ "main.tf": hcl });
    const answer = (expose: number[], references: "unknown" | "trusted") =>
      proveProperties(foreignNetworkProperties, networkInput(readPlan(theirs, { references }), { expose }))[0]!.verdict;
    expect(answer([443], "unknown")).toMatchObject({ answer: "UNPROVEN" });
    expect(answer([443], "trusted")).toMatchObject({ answer: "PROVEN" });
    expect(answer([8883], "trusted")).toMatchObject({
      answer: "VIOLATED",
      counterexamples: [{ target: "aws_instance.a: tcp 443" }],
    });
  });
});
