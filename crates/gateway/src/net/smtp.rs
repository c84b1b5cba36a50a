//! One mail to the operator's mail server. The server is the operator's choice, so no address of it is refused.

use std::time::{Duration, SystemTime};

use domain::Time;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS after STARTTLS; a server that does not offer it gets nothing.
    StartTls,
    /// To this machine only.
    None,
}

/// Where mail goes, and as whom.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub from: Mailbox,
    pub credentials: Option<Credentials>,
    /// What we call ourselves.
    pub hello: ClientId,
    /// How long one mail may take in all; less than a claim on it lasts.
    pub patience: Duration,
}

/// Of one mail, or of the server, if nothing was done. More than this and the server is not well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A mail's text and the names it goes by.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    pub recipient: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    /// Name and bytes of a PDF.
    pub file: Option<(&'a str, &'a [u8])>,
    /// The same at each try.
    pub message_id: &'a str,
    pub written_at: Time,
}

/// The text may hold a link that is a secret.
impl std::fmt::Debug for Letter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.message_id)
    }
}

/// Why a mail was not sent, as far as we know. No text of the mail is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Another try may succeed. The server may have the mail if the connection broke at the end.
    #[error("{0}")]
    Later(String),
    #[error("{0}")]
    Never(String),
}

impl SmtpServer {
    /// Sends one mail over a connection of its own.
    ///
    /// # Errors
    /// `Never` if the server refuses the recipient or the mail for good, or there can be no such mail.
    pub async fn send(&self, letter: Letter<'_>) -> Result<(), NotSent> {
        let (envelope, message) = self.message(letter)?;
        self.in_time(async {
            let mut connection = self.connect().await?;
            let sent = hand_over(&mut connection, &envelope, &message).await;
            connection.abort().await;
            sent
        })
        .await
    }

    /// Connects, greets, authenticates, and does nothing.
    ///
    /// # Errors
    /// In words for the operator.
    pub async fn look(&self) -> Result<(), NotSent> {
        self.in_time(async {
            let mut connection = self.connect().await?;
            let answers = connection.test_connected().await;
            connection.abort().await;
            if answers { Ok(()) } else { Err(NotSent::Later("it does not answer NOOP".into())) }
        })
        .await
    }

    async fn in_time(&self, work: impl Future<Output = Result<(), NotSent>>) -> Result<(), NotSent> {
        let timed = tokio::time::timeout(self.patience, work).await;
        timed.unwrap_or_else(|_| Err(NotSent::Later(format!("no answer within {} s", self.patience.as_secs().max(1)))))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, NotSent> {
        let tls = || {
            let tls = TlsParameters::new_rustls(self.host.clone());
            tls.map_err(|error| NotSent::Later(format!("TLS cannot be used: {error}")))
        };
        let first = if self.security == Security::Implicit { Some(tls()?) } else { None };
        let server = (self.host.as_str(), self.port);
        let connection = AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &self.hello, first, None);
        let mut connection = connection.await.map_err(|error| later("it cannot be reached", &error))?;
        if self.security == Security::StartTls {
            if !connection.can_starttls() {
                return Err(NotSent::Later("it does not offer STARTTLS: mend `smtp.tls` or `smtp.port`".into()));
            }
            let upgraded = connection.starttls(tls()?, &self.hello).await;
            upgraded.map_err(|error| later("STARTTLS failed", &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            // the server's words could repeat what we sent
            known.map_err(|error| {
                let code = error.status().map_or_else(String::new, |code| format!(" ({code})"));
                NotSent::Later(format!(
                    "it does not accept user name and password{code}: check `smtp.username` and LOCKGATE_SMTP_PASSWORD"
                ))
            })?;
        }
        Ok(connection)
    }

    /// Every header is a typed one: line breaks in what people entered cannot begin another.
    fn message(&self, letter: Letter<'_>) -> Result<(Envelope, Vec<u8>), NotSent> {
        let address: Option<Address> = letter.recipient.parse().ok();
        let address = address.filter(|address| !AsRef::<str>::as_ref(address).contains(char::is_control));
        let address = address.ok_or_else(|| NotSent::Never("the recipient is no e-mail address".into()))?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![address.clone()]);
        let envelope = envelope.map_err(|error| NotSent::Never(error.to_string()))?;
        let millis = u64::try_from(letter.written_at.0).unwrap_or(0);
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{}>", letter.message_id)))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
        let message = match letter.file {
            None => message.header(ContentType::TEXT_PLAIN).body(letter.body.to_owned()),
            Some((name, bytes)) => {
                let pdf = ContentType::parse("application/pdf").map_err(|error| NotSent::Never(error.to_string()))?;
                // the library would send what is mostly letters as text, and mend its line ends: a PDF counts bytes
                let bytes = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64);
                let bytes = bytes.map_err(|_| NotSent::Never("its file cannot be put into words".into()))?;
                let file = Attachment::new(name.to_owned()).body(bytes, pdf);
                let text = SinglePart::plain(letter.body.to_owned());
                message.multipart(MultiPart::mixed().singlepart(text).singlepart(file))
            }
        };
        let message = message.map_err(|error| NotSent::Never(format!("it cannot be put into words: {error}")))?;
        Ok((envelope, message.formatted()))
    }
}

/// Only what is said of this recipient and this mail can be final: the rest is about our account, which the operator can mend.
async fn hand_over(connection: &mut AsyncSmtpConnection, envelope: &Envelope, message: &[u8]) -> Result<(), NotSent> {
    let mut parameters = Vec::new();
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.to().iter().chain(envelope.from()).all(is_ascii) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(NotSent::Never("the server takes no addresses beyond ASCII".into()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let from = connection.command(Mail::new(envelope.from().cloned(), parameters)).await;
    from.map_err(|error| later("it refused the sender", &error))?;
    for recipient in envelope.to() {
        let taken = connection.command(Rcpt::new(recipient.clone(), Vec::new())).await;
        taken.map_err(|error| final_if_permanent("it refused the recipient", &error))?;
    }
    connection.command(Data).await.map_err(|error| later("it refused DATA", &error))?;
    let taken = connection.message(message).await;
    taken.map(|_| ()).map_err(|error| final_if_permanent("it did not accept the mail", &error))
}

fn later(what: &str, error: &SmtpError) -> NotSent {
    NotSent::Later(said(what, error))
}

fn final_if_permanent(what: &str, error: &SmtpError) -> NotSent {
    // "authentication required" is about us
    let about_us = error.status().is_some_and(|code| code.to_string() == "530");
    if error.is_permanent() && !about_us { NotSent::Never(said(what, error)) } else { later(what, error) }
}

/// Longest note that is kept, in characters.
const NOTE_CHARS: usize = 300;
/// Longer words are no words.
const WORD_CHARS: usize = 30;

/// What the server said, without anything that may be a link or a part of one: filters like to quote what they refuse.
fn said(what: &str, error: &SmtpError) -> String {
    let text = format!("{what}: {error}");
    let word = |word: &str| {
        let is_secret = word.contains(['/', '=']) || word.chars().count() > WORD_CHARS;
        if is_secret { "…".to_owned() } else { word.replace(char::is_control, "") }
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ").chars().take(NOTE_CHARS).collect()
}
