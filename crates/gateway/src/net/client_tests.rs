use super::*;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap as Headers, StatusCode, header};
use axum::routing::post;

async fn server(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn client() -> CallbackClient {
    CallbackClient::with_timeout(Policy::Sandbox, Duration::from_secs(60)).expect("client")
}

/// For what never ends.
fn hasty() -> CallbackClient {
    CallbackClient::with_timeout(Policy::Sandbox, Duration::from_millis(500)).expect("client")
}

fn status_and_snippet(outcome: Outcome) -> (u16, String) {
    match outcome {
        Outcome::Answered { status, snippet, .. } => (status, snippet),
        Outcome::Failed { kind, .. } => panic!("{kind}"),
    }
}

fn kind(outcome: Outcome) -> FailureKind {
    match outcome {
        Outcome::Failed { kind, .. } => kind,
        Outcome::Answered { status, .. } => panic!("answered {status}"),
    }
}

#[tokio::test]
async fn the_bytes_and_headers_arrive() {
    let echo = post(|headers: Headers, body: String| async move {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        (StatusCode::ACCEPTED, format!("{} {} {body}\0", header("x-signature"), header("content-type")))
    });
    let base = server(Router::new().route("/hook", echo)).await;
    let headers = [("Content-Type", "application/json"), ("X-Signature", "abc")];
    let outcome = client().post(&format!("{base}/hook"), &headers, b"{\"a\":1}".to_vec()).await;
    assert_eq!(status_and_snippet(outcome), (202, "abc application/json {\"a\":1}\u{fffd}".to_owned()));
}

#[tokio::test]
async fn redirects_are_answers() {
    let to_metadata = post(|| async { (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/")]) });
    let base = server(Router::new().route("/", to_metadata)).await;
    assert_eq!(status_and_snippet(client().post(&base, &[], vec![]).await).0, 302);
}

#[tokio::test]
async fn long_and_stalling_bodies_are_cut() {
    let endless = post(|| async {
        let chunk = || Ok::<_, std::convert::Infallible>("x".repeat(1000));
        axum::body::Body::from_stream(tokio_stream::iter(std::iter::repeat_with(chunk)))
    });
    let stalling =
        post(|| async { axum::body::Body::from_stream(tokio_stream::pending::<Result<String, std::io::Error>>()) });
    let base = server(Router::new().route("/endless", endless).route("/stalling", stalling)).await;
    let (status, snippet) = status_and_snippet(client().post(&format!("{base}/endless"), &[], vec![]).await);
    assert_eq!((status, snippet.len()), (200, SNIPPET_BYTES));
    let outcome = hasty().post(&format!("{base}/stalling"), &[], vec![]).await;
    assert_eq!(status_and_snippet(outcome), (200, String::new()));
}

#[tokio::test]
async fn failures_have_a_kind() {
    let silent = post(|_: Request| std::future::pending::<StatusCode>());
    let base = server(Router::new().route("/silent", silent)).await;
    assert_eq!(kind(hasty().post(&format!("{base}/silent"), &[], vec![]).await), FailureKind::Timeout);

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = closed.local_addr().expect("address");
    drop(closed);
    assert_eq!(kind(client().post(&format!("http://{address}/"), &[], vec![]).await), FailureKind::Connect);
    assert_eq!(kind(client().post(&base, &[("x", "a\nb")], vec![]).await), FailureKind::Header);
    let not_tls = base.replace("http:", "https:");
    assert_eq!(kind(client().post(&not_tls, &[], vec![]).await), FailureKind::Tls);
}

#[tokio::test]
async fn live_refuses_before_a_connection_is_made() {
    let live = CallbackClient::new(Policy::Live).expect("client");
    for (url, refused) in [
        ("https://127.0.0.1/", Refused::Address("loopback")),
        ("https://0x7f.1/", Refused::Address("loopback")),
        ("http://shop.example/", Refused::NotHttps),
        ("https://localhost/", Refused::LocalName),
    ] {
        assert_eq!(kind(live.post(url, &[], vec![]).await), FailureKind::Refused(refused), "{url}");
    }
}

/// What the check of the URL cannot see: a public-looking name that resolves to a private address.
#[tokio::test]
async fn the_resolver_refuses_private_addresses() {
    let resolver = GuardedResolver { policy: Policy::Live };
    let Err(error) = resolver.resolve("localhost".parse().expect("name")).await else { panic!("resolved") };
    assert_eq!(error.downcast_ref::<Refused>(), Some(&Refused::Address("loopback")));

    // A client whose URL check would let the name through, to see that the refusal surfaces with its reason.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().dns_resolver(resolver).no_proxy().build().expect("client");
    let error = http.post("http://localhost:1/?secret=1").send().await.expect_err("refused");
    assert_eq!(failure_kind(&error), FailureKind::Refused(Refused::Address("loopback")));
    assert_eq!(failure_kind(&error).to_string(), "not called: the host has a loopback address");
}

#[test]
fn mixed_answers_keep_only_the_allowed() {
    let addresses =
        |texts: &[&str]| texts.iter().map(|text| text.parse().expect("address")).collect::<Vec<SocketAddr>>();
    let mixed = addresses(&["10.0.0.1:0", "8.8.8.8:0", "[::1]:0", "[2606:4700::1111]:0"]);
    assert_eq!(allowed(mixed, Policy::Live).expect("some"), addresses(&["8.8.8.8:0", "[2606:4700::1111]:0"]));
    let error = allowed(addresses(&["[fe80::1]:0", "10.0.0.1:0"]), Policy::Live).expect_err("none");
    assert_eq!(error.to_string(), "the host has a link-local address");
    assert_eq!(allowed(vec![], Policy::Live).expect("none found"), vec![]);
}
