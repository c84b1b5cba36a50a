//! The address of the caller.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The address of the client behind `peer`.
///
/// `X-Forwarded-For` counts only if the peer is one of our proxies. Each proxy appends the address it saw, so the list is read from
/// the right and the first address that is not a proxy of ours is the client: what stands left of it is what the client claims.
/// An entry that is not an address ends the reading at the last proxy that vouched.
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_proxy = |ip: IpAddr| proxies.iter().any(|network| network.contains(&ip));
    let mut client = peer.to_canonical();
    // Several lines of one header are one list.
    for line in headers.get_all("x-forwarded-for").iter().rev() {
        for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
            if !is_proxy(client) {
                return client;
            }
            let Some(ip) = address(entry) else { return client };
            client = ip;
        }
    }
    client
}

/// Some proxies add the port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let ip = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip())).ok()?;
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn clients() {
        let proxies: Vec<IpNet> =
            ["10.0.0.0/8", "fd00::/8"].iter().map(|text| text.parse().expect("network")).collect();
        let cases: &[(&str, &[&str], &str)] = &[
            // a stranger is taken at face value, whatever he claims
            ("8.8.8.8", &[], "8.8.8.8"),
            ("8.8.8.8", &["1.2.3.4"], "8.8.8.8"),
            ("8.8.8.8", &["10.0.0.1"], "8.8.8.8"),
            // one proxy
            ("10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["9.9.9.9,1.2.3.4:5678"], "1.2.3.4"),
            ("10.0.0.1", &["[2606:4700::1111]:443"], "2606:4700::1111"),
            ("fd00::1", &["2606:4700::1111"], "2606:4700::1111"),
            // two proxies, one line or two
            ("10.0.0.1", &["9.9.9.9, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1", &["9.9.9.9", "1.2.3.4", "10.0.0.2"], "1.2.3.4"),
            // nothing usable: the last proxy that vouched
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, _hidden, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // IPv4 inside IPv6
            ("::ffff:10.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("::ffff:8.8.8.8", &["1.2.3.4"], "8.8.8.8"),
        ];
        for (peer, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append("X-Forwarded-For", HeaderValue::from_str(line).expect("header"));
            }
            let ip = client_ip(peer.parse().expect("peer"), &headers, &proxies);
            assert_eq!(ip.to_string(), *expected, "{peer} {lines:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("1.2.3.4"));
        assert_eq!(client_ip([10, 0, 0, 1].into(), &headers, &[]).to_string(), "10.0.0.1", "no proxies configured");
    }
}
