//! Which IP addresses may be called.

use super::guard::{Policy, Refused};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether we may connect to the address.
///
/// Live: global unicast addresses only. The sandbox also reaches the developer's own machine and network (loopback, RFC 1918,
/// unique local), but never link-local ones, where clouds keep their metadata services.
pub fn check_ip(ip: IpAddr, policy: Policy) -> Result<(), Refused> {
    let kind = match ip {
        IpAddr::V4(v4) => v4_kind(v4),
        IpAddr::V6(v6) => v6_kind(v6),
    };
    match kind {
        Kind::Global => Ok(()),
        Kind::Local(_) if policy == Policy::Sandbox => Ok(()),
        Kind::Local(name) | Kind::Special(name) => Err(Refused::Address(name)),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Global,
    /// The developer's own machine or network.
    Local(&'static str),
    /// Never a merchant's server.
    Special(&'static str),
}

/// By the IANA IPv4 special-purpose address registry.
fn v4_kind(ip: Ipv4Addr) -> Kind {
    match ip.octets() {
        [0, ..] => Kind::Special("this-network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Local("private"),
        [100, 64..=127, ..] => Kind::Special("shared (carrier-grade NAT)"),
        [127, ..] => Kind::Local("loopback"),
        [169, 254, ..] => Kind::Special("link-local"),
        [192, 0, 0, _] => Kind::Special("protocol-assignment"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Special("documentation"),
        [192, 88, 99, _] => Kind::Special("6to4 relay"),
        [198, 18..=19, ..] => Kind::Special("benchmarking"),
        [224..=239, ..] => Kind::Special("multicast"),
        [255, 255, 255, 255] => Kind::Special("broadcast"),
        [240..=255, ..] => Kind::Special("reserved"),
        _ => Kind::Global,
    }
}

/// An allow-list: only 2000::/3 is global unicast, and a few blocks of it are special.
fn v6_kind(ip: Ipv6Addr) -> Kind {
    // Amazon's metadata service sits in the unique local range.
    const CLOUD_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match ip.segments() {
        _ if ip == CLOUD_METADATA => Kind::Special("cloud metadata"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Special("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Local("loopback"),
        [0, 0, 0, 0, 0, 0xffff, ..] => Kind::Special("IPv4-mapped"),
        [0, 0, 0, 0, 0, 0, ..] => Kind::Special("IPv4-compatible"),
        [0x64, 0xff9b, ..] => Kind::Special("NAT64"),
        [0xfc00..=0xfdff, ..] => Kind::Local("unique local"),
        [0xfe80..=0xfebf, ..] => Kind::Special("link-local"),
        [0xff00..=0xffff, ..] => Kind::Special("multicast"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Special("documentation"),
        [0x2001, 0x2, 0, ..] => Kind::Special("benchmarking"),
        [0x2001, 0..=0x1ff, ..] => Kind::Special("protocol-assignment"),
        [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            let inner = v4_kind(Ipv4Addr::new(a, b, c, d));
            if inner == Kind::Global { Kind::Global } else { Kind::Special("6to4 of a special address") }
        }
        [0x2000..=0x3fff, ..] => Kind::Global,
        _ => Kind::Special("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        const LOCAL: (bool, bool) = (false, true);
        const NEVER: (bool, bool) = (false, false);
        const ALWAYS: (bool, bool) = (true, true);
        let cases = [
            ("0.0.0.0", NEVER),
            ("0.1.2.3", NEVER),
            ("9.255.255.255", ALWAYS),
            ("10.0.0.0", LOCAL),
            ("10.255.255.255", LOCAL),
            ("11.0.0.0", ALWAYS),
            ("100.63.255.255", ALWAYS),
            ("100.64.0.0", NEVER),
            ("100.100.100.200", NEVER),
            ("100.127.255.255", NEVER),
            ("100.128.0.0", ALWAYS),
            ("127.0.0.1", LOCAL),
            ("127.255.255.254", LOCAL),
            ("169.254.169.254", NEVER),
            ("172.15.255.255", ALWAYS),
            ("172.16.0.1", LOCAL),
            ("172.31.255.255", LOCAL),
            ("172.32.0.0", ALWAYS),
            ("192.0.0.1", NEVER),
            ("192.0.2.1", NEVER),
            ("192.88.99.1", NEVER),
            ("192.168.1.1", LOCAL),
            ("192.169.0.0", ALWAYS),
            ("198.18.0.1", NEVER),
            ("198.19.255.255", NEVER),
            ("198.20.0.0", ALWAYS),
            ("198.51.100.1", NEVER),
            ("203.0.113.1", NEVER),
            ("223.255.255.255", ALWAYS),
            ("224.0.0.1", NEVER),
            ("239.255.255.255", NEVER),
            ("240.0.0.1", NEVER),
            ("255.255.255.255", NEVER),
            ("8.8.8.8", ALWAYS),
            ("::", NEVER),
            ("::1", LOCAL),
            ("::127.0.0.1", NEVER),
            ("::8.8.8.8", NEVER),
            ("::ffff:127.0.0.1", NEVER),
            ("::ffff:8.8.8.8", NEVER),
            ("64:ff9b::8.8.8.8", NEVER),
            ("64:ff9b::10.0.0.1", NEVER),
            ("64:ff9b:1::1", NEVER),
            ("100::1", NEVER),
            ("2001::1", NEVER),
            ("2001:2::1", NEVER),
            ("2001:10::1", NEVER),
            ("2001:20::1", NEVER),
            ("2001:db8::1", NEVER),
            ("2001:200::1", ALWAYS),
            ("2001:4860:4860::8888", ALWAYS),
            ("2002:808:808::1", ALWAYS),
            ("2002:a00:1::1", NEVER),
            ("2002:7f00:1::1", NEVER),
            ("2606:4700::1111", ALWAYS),
            ("3fff::1", NEVER),
            ("3fff:1000::1", ALWAYS),
            ("4000::1", NEVER),
            ("5f00::1", NEVER),
            ("fc00::1", LOCAL),
            ("fd12:3456::1", LOCAL),
            ("fd00:ec2::254", NEVER),
            ("fe80::1", NEVER),
            ("febf::1", NEVER),
            ("fec0::1", NEVER),
            ("ff02::1", NEVER),
        ];
        for (text, expected) in cases {
            let ip: IpAddr = text.parse().expect(text);
            assert_eq!((check_ip(ip, Policy::Live).is_ok(), check_ip(ip, Policy::Sandbox).is_ok()), expected, "{text}");
        }
    }
}
