use super::*;

fn decided(text: &str, policy: Policy) -> Result<String, Refused> {
    check_url(text, policy).map(|checked| checked.url().to_string())
}

#[test]
fn urls_called_when_live() {
    let long = format!("https://shop.example/{}", "a".repeat(2048));
    let cases: &[(&str, Result<&str, Refused>)] = &[
        ("https://shop.example/hook?a=b", Ok("https://shop.example/hook?a=b")),
        ("HTTPS://Shop.Example/", Ok("https://shop.example/")),
        ("https://bücher.example/", Ok("https://xn--bcher-kva.example/")),
        ("https://shop.example:8443/", Ok("https://shop.example:8443/")),
        ("https://shop.example:8080/", Ok("https://shop.example:8080/")),
        ("https://shop.example:80/", Ok("https://shop.example:80/")),
        ("https://8.8.8.8/", Ok("https://8.8.8.8/")),
        ("https://[2606:4700::1111]/", Ok("https://[2606:4700::1111]/")),
        ("http://shop.example/", Err(Refused::NotHttps)),
        ("ftp://shop.example/", Err(Refused::NotHttp)),
        ("file:///etc/passwd", Err(Refused::NotHttp)),
        ("gopher://shop.example/", Err(Refused::NotHttp)),
        ("javascript:alert(1)", Err(Refused::NotHttp)),
        ("", Err(Refused::NotAUrl)),
        ("shop.example", Err(Refused::NotAUrl)),
        ("https://", Err(Refused::NotAUrl)),
        (" https://shop.example/", Err(Refused::NotAUrl)),
        ("https://shop.example/\r\nX: y", Err(Refused::NotAUrl)),
        ("https://sh\top.example/", Err(Refused::NotAUrl)),
        (&long, Err(Refused::TooLong)),
        ("https://shop.example:22/", Err(Refused::Port)),
        ("https://shop.example:25/", Err(Refused::Port)),
        ("https://shop.example:6379/", Err(Refused::Port)),
        ("https://shop.example:0/", Err(Refused::Port)),
        ("https://user@shop.example/", Err(Refused::Userinfo)),
        ("https://user:pass@shop.example/", Err(Refused::Userinfo)),
        ("https://:pass@shop.example/", Err(Refused::Userinfo)),
        ("https://@shop.example/", Err(Refused::Userinfo)),
        ("https:\\\\@shop.example/", Err(Refused::Userinfo)),
        ("https://shop.example/@me?x=@y", Ok("https://shop.example/@me?x=@y")),
        ("https://shop.example./", Err(Refused::TrailingDot)),
        ("https://localhost/", Err(Refused::LocalName)),
        ("https://LOCALHOST/", Err(Refused::LocalName)),
        ("https://a.localhost/", Err(Refused::LocalName)),
        ("https://localhost./", Err(Refused::TrailingDot)),
        ("https://printer.local/", Err(Refused::LocalName)),
        ("https://metadata.google.internal/", Err(Refused::LocalName)),
        ("https://router.lan/", Err(Refused::LocalName)),
        ("https://intranet/", Err(Refused::LocalName)),
        ("https://127.0.0.1/", Err(Refused::Address("loopback"))),
        ("https://127.0.0.1./", Err(Refused::Address("loopback"))),
        ("https://127.1/", Err(Refused::Address("loopback"))),
        ("https://2130706433/", Err(Refused::Address("loopback"))),
        ("https://017700000001/", Err(Refused::Address("loopback"))),
        ("https://0177.0.0.1/", Err(Refused::Address("loopback"))),
        ("https://0x7f000001/", Err(Refused::Address("loopback"))),
        ("https://0x7f.1/", Err(Refused::Address("loopback"))),
        ("https://%31%32%37.0.0.1/", Err(Refused::Address("loopback"))),
        ("https://１２７.０.０.１/", Err(Refused::Address("loopback"))),
        ("https://127。0。0。1/", Err(Refused::Address("loopback"))),
        ("https://0/", Err(Refused::Address("this-network"))),
        ("https://169.254.169.254/latest/meta-data/", Err(Refused::Address("link-local"))),
        ("https://[::1]/", Err(Refused::Address("loopback"))),
        ("https://[::]/", Err(Refused::Address("unspecified"))),
        ("https://[::ffff:127.0.0.1]/", Err(Refused::Address("IPv4-mapped"))),
        ("https://[::ffff:7f00:1]/", Err(Refused::Address("IPv4-mapped"))),
        ("https://[64:ff9b::10.0.0.1]/", Err(Refused::Address("NAT64"))),
        ("https://[fe80::1]/", Err(Refused::Address("link-local"))),
        ("https://[fe80::1%25eth0]/", Err(Refused::NotAUrl)),
        ("https://256.0.0.1/", Err(Refused::NotAUrl)),
    ];
    for (text, expected) in cases {
        assert_eq!(decided(text, Policy::Live), expected.map(str::to_owned), "{text:.100}");
    }
}

#[test]
fn urls_called_in_a_sandbox() {
    let cases = [
        ("http://localhost:3000/hook", Ok("http://localhost:3000/hook")),
        ("http://127.0.0.1:9999/", Ok("http://127.0.0.1:9999/")),
        ("http://shop:3000/", Ok("http://shop:3000/")),
        ("http://192.168.1.5/", Ok("http://192.168.1.5/")),
        ("https://shop.example/", Ok("https://shop.example/")),
        ("http://169.254.169.254/", Err(Refused::Address("link-local"))),
        ("http://0.0.0.0/", Err(Refused::Address("this-network"))),
        ("http://[fd00:ec2::254]/", Err(Refused::Address("cloud metadata"))),
        ("http://user@localhost/", Err(Refused::Userinfo)),
        ("http://localhost:0/", Err(Refused::Port)),
        ("ftp://localhost/", Err(Refused::NotHttp)),
    ];
    for (text, expected) in cases {
        assert_eq!(decided(text, Policy::Sandbox), expected.map(str::to_owned), "{text}");
    }
}

#[test]
fn links_for_browsers() {
    let cases = [
        ("http://shop.example:3000/ok", Policy::Live, Ok("http://shop.example:3000/ok")),
        ("https:\\\\shop.example\\ok", Policy::Live, Ok("https://shop.example/ok")),
        ("https://shop.example", Policy::Live, Ok("https://shop.example/")),
        ("https://shop.example/é\"<'>", Policy::Live, Ok("https://shop.example/%C3%A9%22%3C'%3E")),
        ("javascript:alert(1)//https://x.example", Policy::Live, Err(Refused::NotHttp)),
        ("http://10.0.0.1/", Policy::Live, Err(Refused::Address("private"))),
        ("http://10.0.0.1/", Policy::Sandbox, Ok("http://10.0.0.1/")),
    ];
    for (text, policy, expected) in cases {
        assert_eq!(check_link(text, policy), expected.map(str::to_owned), "{text}");
    }
    let grows = format!("https://shop.example/{}", "é".repeat(1000));
    assert_eq!(check_link(&grows, Policy::Live), Err(Refused::TooLong), "6,021 bytes in normal form");
}

#[test]
fn the_path_is_not_printed() {
    let checked = check_url("https://shop.example/hook?token=secret", Policy::Live).expect("url");
    assert_eq!(format!("{checked:?}"), "CheckedUrl(https://shop.example)");
}
