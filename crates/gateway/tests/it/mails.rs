//! Mails that are sent by SMTP, with a mail server on loopback; time is ours.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::Time;
use domain::time::{DAY, HOUR, MINUTE};
use gateway::app::acts::Actor;
use gateway::app::{App, SharedApp, mails as outbox};
use gateway::clock::Clock;
use gateway::config::Config;
use gateway::net::smtp::{Security, SmtpServer};
use gateway::store::mails::{self, MailRow, State};
use gateway::store::{Store, StoreError};
use gateway::workers::send_mails;
use lettre::transport::smtp::authentication::Credentials;
use tokio_util::sync::CancellationToken;

use crate::harness::smtp::{Does, Got, MailServer};
use crate::harness::wait_until;
use crate::live::Live;

const BEGAN: i64 = 1_760_000_000_000;
const LINK: &str = "https://pay.example.com/refund/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A gateway's outbox and its mail server; only what a test asks for runs.
struct Post {
    app: SharedApp,
    config: Config,
    smtp: SmtpServer,
    server: MailServer,
    dir: PathBuf,
}

impl Drop for Post {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn smtp_lines(port: u16) -> String {
    format!("[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"Shop Pay <pay@example.com>\"")
}

/// Its parts, with a clock that stands still.
async fn app_on(store: Store, config: &Config) -> SharedApp {
    let http = gateway::net::plain::client().unwrap();
    let app: App = Arc::into_inner(gateway::live::app(config, store, &http).await.unwrap()).unwrap();
    Arc::new(App { clock: Clock::manual(BEGAN), ..app })
}

impl Post {
    async fn new(name: &str) -> Post {
        let dir = std::env::temp_dir().join(format!("lockgate-mails-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let server = MailServer::start().await;
        let text = format!(
            "listen = \"127.0.0.1:1\"\nbase_url = \"https://pay.example.com\"\ndata_dir = \"d\"\n\
             fee_wallet = \"0x2222222222222222222222222222222222222222\"\n{}\n[[chains]]\nname = \"anvil\"\nrpc = [\"http://127.0.0.1:9\"]\n",
            smtp_lines(server.port)
        );
        let env = |name: &str| (name == "LOCKGATE_MASTER_KEY").then(|| "ab".repeat(32));
        let config = Config::parse("lockgate.toml", &text, &env).unwrap();
        let app = app_on(Store::open(&crate::harness::prepared(&dir)).unwrap(), &config).await;
        let smtp = SmtpServer { patience: Duration::from_secs(60), ..config.smtp.clone().unwrap() };
        Post { app, config, smtp, server, dir }
    }

    async fn write(&self, recipient: &'static str, subject: &'static str, body: &str) {
        let (now, body) = (self.app.now(), body.to_owned());
        let insert = self.app.store.write(move |tx| mails::insert(tx, recipient, subject, &body, now));
        let written: Result<(), StoreError> = insert.await;
        written.unwrap();
    }

    async fn round(&self) -> usize {
        send_mails::round(&self.app, &self.smtp, &CancellationToken::new()).await.unwrap()
    }

    async fn rows(&self) -> Vec<MailRow> {
        self.app.store.read(mails::list).await.unwrap()
    }

    async fn only(&self) -> MailRow {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    fn advance(&self, millis: i64) {
        self.app.clock.advance(millis.try_into().unwrap());
    }
}

fn text_of(got: &Got) -> &str {
    got.text.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn sent_once_and_then_erased() {
    let post = Post::new("once").await;
    post.write("payer@example.com", "Your refund: where shall it go?", &format!("Open\n{LINK}\n.\n.dot\n")).await;
    assert_eq!((post.round().await, post.round().await), (1, 0));
    let got = post.server.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].from, "MAIL FROM:<pay@example.com>");
    assert_eq!(got[0].to, ["RCPT TO:<payer@example.com>"]);
    assert_eq!(got[0].header("Subject"), ["Your refund: where shall it go?"]);
    assert_eq!(got[0].header("From"), ["\"Shop Pay\" <pay@example.com>"]);
    assert_eq!(got[0].header("Date"), ["Thu, 09 Oct 2025 08:53:20 +0000"]);
    let text = text_of(&got[0]).replace("=\r\n", "");
    assert!(text.contains(LINK) && text.contains("\r\n..\r\n..dot\r\n"), "{got:?}");
    let row = post.only().await;
    assert_eq!((row.state, row.attempts, row.sent_at), (State::Sent, 1, Some(Time(BEGAN))));
    assert_eq!((row.body.as_str(), row.due_at, row.note), ("", None, None));
}

#[tokio::test]
async fn refused_for_now_it_goes_at_its_time() {
    let post = Post::new("later").await;
    let greylisted = |command| Does::Says(command, "451 later".into());
    post.server.will([
        greylisted("RCPT"),
        greylisted("."),
        Does::Says("MAIL", "550 not you".into()),
        greylisted("EHLO"),
    ]);
    post.write("payer@example.com", "S", "text").await;
    for (tried, pause) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        assert_eq!((post.round().await, post.round().await), (1, 0));
        let row = post.only().await;
        let due = post.app.now().plus(pause * MINUTE);
        assert_eq!((row.state, row.attempts, row.due_at), (State::Waiting, tried, Some(due)), "{:?}", row.note);
        post.advance(pause * MINUTE - 1);
        assert_eq!(post.round().await, 0, "not before its time");
        post.advance(1);
    }
    assert_eq!(post.only().await.body, "text");
    post.round().await;
    assert_eq!((post.only().await.state, post.only().await.attempts), (State::Sent, 5));
    assert_eq!(post.server.got().len(), 2, "the one that was refused at its end, and the one that was taken");
}

#[tokio::test]
async fn refused_for_good_it_ends_and_its_link_is_in_no_note() {
    let post = Post::new("never").await;
    post.server.will([
        Does::Says("RCPT", "550-5.1.1 no such user\r\n550 here".into()),
        Does::Says(".", format!("554 spam: {LINK} {}", &LINK[40..])),
        Does::Says("RCPT", "530 authentication required".into()),
    ]);
    for _ in 0..3 {
        post.write("payer@example.com", "S", LINK).await;
    }
    post.write("payer@example.com>\r\nRCPT TO:<thief@example.com", "S", LINK).await;
    assert_eq!(post.round().await, 4);
    let rows = post.rows().await;
    let states: Vec<State> = rows.iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Failed, State::Failed, State::Waiting, State::Failed]);
    let notes: Vec<&str> = rows.iter().map(|row| row.note.as_deref().unwrap()).collect();
    assert!(
        notes[0].starts_with("it refused the recipient: permanent error (550)") && notes[0].contains("no such user")
    );
    assert!(notes[1].contains("554") && notes[1].contains("spam: … …"), "{}", notes[1]);
    assert!(notes[2].contains("authentication required"));
    assert_eq!(notes[3], "the recipient is no e-mail address");
    assert!(notes.iter().all(|note| !note.contains("abcdef")), "{notes:?}");
    assert!(
        rows.iter().all(|row| row.body == LINK && !format!("{row:?}").contains("abcdef")),
        "for a person to pass on"
    );
    post.advance(DAY / 2);
    assert_eq!(post.round().await, 1, "only the one that may go");
    // a person says so
    for (seq, expected) in [(1, true), (1, false), (3, false), (9, false)] {
        let app = post.app.clone();
        let again = post.app.store.write(move |tx| outbox::again(&app, tx, seq, &Actor("cli:alice".into())));
        assert_eq!(again.await.unwrap(), expected, "{seq}");
    }
    post.round().await;
    assert_eq!(post.rows().await[0].state, State::Sent);
}

#[tokio::test]
async fn what_may_have_arrived_goes_again_under_the_same_id() {
    let mut post = Post::new("again").await;
    post.smtp.patience = Duration::from_millis(500);
    // dropped after the mail was read, silent after it was read, and the process gone before it could record
    post.server.will([Does::Drops("."), Does::Hangs("."), Does::Hangs(".")]);
    post.write("payer@example.com", "S", "text").await;
    for pause in [1, 2] {
        post.round().await;
        let row = post.only().await;
        assert_eq!((row.state, row.due_at), (State::Waiting, Some(post.app.now().plus(pause * MINUTE))));
        post.advance(pause * MINUTE);
    }
    assert_eq!(post.only().await.note.as_deref(), Some("no answer within 1 s"));
    post.smtp.patience = Duration::from_secs(60);
    let (app, smtp) = (post.app.clone(), post.smtp.clone());
    let killed =
        tokio::spawn(async move { send_mails::round(&app, &smtp, &CancellationToken::new()).await.map(|_| ()) });
    wait_until("the server has it", async || post.server.got().len(), |count| *count == 3).await;
    killed.abort();
    assert!(killed.await.is_err());
    assert_eq!((post.only().await.state, post.only().await.attempts), (State::Waiting, 3));
    assert_eq!(post.round().await, 0, "it is claimed");
    post.advance(outbox::CLAIM_MILLIS);
    assert_eq!(post.round().await, 1);
    assert_eq!(post.only().await.state, State::Sent);
    let got = post.server.got();
    assert_eq!(got.len(), 4);
    assert!(got.iter().all(|one| *one == got[0]), "byte for byte the same");
    let id = got[0].header("Message-ID")[0];
    assert!(
        id.starts_with("<1.") && id.ends_with("@example.com>") && id.len() == "<1.@example.com>".len() + 16,
        "{id}"
    );
    post.write("payer@example.com", "S", "text").await;
    post.round().await;
    assert_eq!(post.server.got()[4].header("Message-ID")[0], id.replacen("<1.", "<2.", 1));
}

#[tokio::test]
async fn a_try_that_was_overtaken_records_nothing() {
    let post = Post::new("overtaken").await;
    post.write("payer@example.com", "S", "text").await;
    let slow = outbox::claim_due(&post.app).await.unwrap().unwrap();
    assert_eq!(outbox::claim_due(&post.app).await.unwrap(), None);
    post.advance(outbox::CLAIM_MILLIS);
    let quick = outbox::claim_due(&post.app).await.unwrap().unwrap();
    outbox::record(&post.app, slow, outbox::Outcome::Never("no".into())).await.unwrap();
    assert_eq!(post.only().await.state, State::Waiting);
    outbox::record(&post.app, quick, outbox::Outcome::Sent).await.unwrap();
    assert_eq!(post.only().await.state, State::Sent);
}

#[tokio::test]
async fn given_up_after_five_days() {
    let post = Post::new("days").await;
    post.write("payer@example.com", "S", "text").await;
    let mut tries = 0;
    while post.only().await.state == State::Waiting {
        post.server.will([Does::Says("RCPT", "450 busy".into())]);
        tries += post.round().await;
        post.advance(HOUR);
    }
    let row = post.only().await;
    assert!((25..=30).contains(&tries), "{tries}");
    let note = row.note.unwrap();
    assert!(note.starts_with("it could not be sent for 5 days, at last: it refused the recipient"), "{note}");
    assert!(post.app.now().since(Time(BEGAN)) >= 5 * DAY);
    assert_eq!(row.body, "text");
}

#[tokio::test]
async fn too_old_at_the_first_start_it_is_left_to_a_person() {
    let post = Post::new("old").await;
    post.write("payer@example.com", "S", "text").await;
    post.advance(5 * DAY);
    post.write("payer@example.com", "S", "text").await;
    assert_eq!(post.round().await, 1);
    let states: Vec<State> = post.rows().await.iter().map(|row| row.state).collect();
    assert_eq!((states, post.server.got().len()), (vec![State::Failed, State::Sent], 1));
}

#[tokio::test]
async fn nothing_is_said_before_tls_and_no_password_comes_back() {
    let post = Post::new("login").await;
    post.write("payer@example.com", "S", "text").await;
    let bare = SmtpServer { security: Security::StartTls, ..post.smtp.clone() };
    let login = Credentials::new("pay".into(), "smtp-secret".into());
    let known = SmtpServer { credentials: Some(login), ..post.smtp.clone() };
    post.server.will([Does::Accept, Does::Says("AUTH", "535 wrong: smtp-secret".into())]);
    let stop = CancellationToken::new();
    for (server, words) in [(&bare, "it does not offer STARTTLS"), (&known, "user name and password (535): check")] {
        assert_eq!(send_mails::round(&post.app, server, &stop).await.unwrap(), 1);
        let (state, note) = (post.only().await.state, post.only().await.note.unwrap());
        assert!(state == State::Waiting && note.contains(words) && !note.contains("smtp-secret"), "{note}");
        post.advance(HOUR);
    }
    assert!(post.server.got().is_empty());
    assert_eq!(send_mails::round(&post.app, &known, &stop).await.unwrap(), 1);
    assert_eq!(post.only().await.state, State::Sent);
}

#[tokio::test]
async fn what_people_enter_begins_no_header() {
    let post = Post::new("headers").await;
    post.write("payer@example.com", "Grüße\r\nBcc: thief@example.com\r\n\r\nHi", "Žluťoučký kůň 🐎\n").await;
    post.write("payer@example.com", "One\nX-Evil: 1", "short").await;
    post.write("payer@example.com\r\nBcc: thief@example.com", "S", "short").await;
    assert_eq!(post.round().await, 3);
    let got = post.server.got();
    assert_eq!(got.len(), 2);
    for one in &got {
        assert_eq!(one.to, ["RCPT TO:<payer@example.com>"]);
        assert!(one.header("Bcc").is_empty() && one.header("X-Evil").is_empty(), "{one:?}");
        assert_eq!(one.header("Auto-Submitted"), ["auto-generated"]);
    }
    assert!(got[0].header("Subject")[0].starts_with("=?utf-8?"), "{got:?}");
    assert!(got.iter().all(|one| one.text.is_ascii()), "a server without 8BITMIME takes it");
    assert_eq!(got[0].header("Content-Type"), ["text/plain; charset=utf-8"]);
}

/// The process dies when the server has the mail and nobody has written so: another goes on from the rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_sending_and_recording() {
    let mut post = Post::new("killed").await;
    let mut live = Live::new("mails-killed", &smtp_lines(post.server.port));
    live.said(&["migrate"]);
    let store = Store::open(&gateway::store::Database::of(&live.dir.join("data")).unwrap()).unwrap();
    post.app = app_on(store, &post.config).await;
    post.advance(Clock::system().now() - BEGAN);
    post.write("payer@example.com", "S", "text").await;
    live.serve_until_it_dies("mail.after_send").await;
    let row = post.only().await;
    assert_eq!((row.state, row.attempts, row.body.as_str()), (State::Waiting, 1, "text"));
    post.advance(row.due_at.unwrap().since(post.app.now()) - 1);
    assert_eq!(post.round().await, 0, "it is claimed");
    post.advance(1);
    assert_eq!(post.round().await, 1);
    assert_eq!(post.only().await.state, State::Sent);
    let got = post.server.got();
    let ids: Vec<&str> = got.iter().map(|one| one.header("Message-ID")[0]).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
}

/// The program as an operator meets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_gateway_sends_and_says_so() {
    let server = MailServer::start().await;
    let mut live = Live::new("mails", &format!("operator_email = \"op@example.com\"\n{}", smtp_lines(server.port)));
    live.said(&["migrate"]);
    let (old, new) = ("0x1111111111111111111111111111111111111111", "0x3333333333333333333333333333333333333333");
    live.said(&["merchant", "create", "--name", "S", "--email", "s@example.com", "--wallet", old]);
    let said = live.said(&["merchant", "wallet", "set", "1", new]);
    assert!(said.contains("the running gateway sends it"), "{said}");
    assert!(live.said(&["mails"]).contains("1 are for the running gateway to send"));
    live.serve().await;
    let listed = async || live.said(&["mails"]);
    let listed = wait_until("it is sent", listed, |said| said.contains("1 mails. All are sent.")).await;
    assert!(listed.contains("sent at ") && !listed.contains(new), "{listed}");
    assert_eq!(server.got().len(), 1);
    assert!(server.got()[0].text.contains(new));
    let log = std::fs::read_to_string(live.dir.join("log")).unwrap();
    assert!(log.contains("A mail is sent") && !log.contains(new), "no text of a mail is in the log");
    let doctor = live.run(&["doctor"]);
    let doctor = String::from_utf8(doctor.stdout).unwrap();
    assert!(doctor.contains(&format!("ok     mail: 127.0.0.1:{} answers", server.port)), "{doctor}");
    server.will([Does::Says("EHLO", "554 go away".into())]);
    let doctor = String::from_utf8(live.run(&["doctor"]).stdout).unwrap();
    assert!(doctor.contains("WRONG  mail: ") && doctor.contains("go away"), "{doctor}");
}

/// A file goes with the text, nothing that people typed begins another header, and both are erased once they are sent.
#[tokio::test]
async fn a_file_goes_with_it_and_no_header_is_smuggled_in() {
    let post = Post::new("file").await;
    let evil = "Receipt\r\nBcc: thief@example.com\r\n\r\n<script>";
    let file = mails::File { name: "receipt-7.pdf\"\r\nX-Evil: 1".into(), base64: "JVBERi0xLjcK".into() };
    let (now, kept) = (post.app.now(), file.clone());
    let insert = post
        .app
        .store
        .write(move |tx| mails::insert_with(tx, "payer@example.com", (evil, "Hello\n.\nthere"), Some(&kept), now));
    let written: Result<(), StoreError> = insert.await;
    written.unwrap();
    // the first try fails after it was handed over: the file is still there for the next
    post.server.will([Does::Says(".", "451 later".into())]);
    assert_eq!(post.round().await, 1);
    assert_eq!(post.only().await.file, Some(file));
    post.advance(MINUTE);
    assert_eq!(post.round().await, 1);
    let got = post.server.got();
    assert_eq!(got.len(), 2);
    for mail in got {
        let head = mail.text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil")), "{head}");
        assert!(!mail.text.lines().any(|line| line.starts_with("X-Evil")), "{}", mail.text);
        assert_eq!(mail.to, ["RCPT TO:<payer@example.com>"]);
        assert!(mail.header("Content-Type")[0].starts_with("multipart/mixed;"), "{head}");
        assert!(mail.text.contains("Content-Type: application/pdf") && mail.text.contains("JVBERi0xLjcK"));
        assert!(mail.text.contains("Content-Disposition: attachment;"), "{}", mail.text);
        assert!(mail.text.contains("receipt-7.pdf%22%0D%0AX-Evil"), "{}", mail.text);
    }
    let row = post.only().await;
    assert_eq!((row.state, row.body.as_str(), row.file), (State::Sent, "", None));
}
