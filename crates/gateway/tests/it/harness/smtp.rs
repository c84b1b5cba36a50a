//! A mail server on loopback that does as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does with one connection.
#[derive(Debug, Clone)]
pub enum Does {
    Accept,
    /// Says this line instead of yes to a command: `("RCPT", "550 no such user")`; `"."` is the end of the mail.
    Says(&'static str, String),
    /// Says nothing any more from this command on.
    Hangs(&'static str),
    /// Closes at this command, after it was read.
    Drops(&'static str),
}

/// A mail that was handed over to its end, whatever was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body as they came.
    pub text: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Vec<&str> {
        let head = self.text.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
    }
}

#[derive(Debug, Clone)]
pub struct MailServer {
    pub port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    does: Arc<Mutex<VecDeque<Does>>>,
}

impl MailServer {
    pub async fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            MailServer { port: listener.local_addr().unwrap().port(), got: Arc::default(), does: Arc::default() };
        let (got, does) = (server.got.clone(), server.does.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let next = does.lock().unwrap().pop_front().unwrap_or(Does::Accept);
                tokio::spawn(serve(stream, next, got.clone()));
            }
        });
        server
    }

    /// For the connections to come, one after the other; then it accepts.
    pub fn will(&self, does: impl IntoIterator<Item = Does>) {
        self.does.lock().unwrap().extend(does);
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

/// The lines of one connection; ends with it.
async fn serve(stream: TcpStream, does: Does, all: Arc<Mutex<Vec<Got>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut got = Got { from: String::new(), to: vec![], text: String::new() };
    let mut in_mail = false;
    stream.write_all(b"220 here\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if in_mail && line != ".\r\n" {
            got.text += &line;
            continue;
        }
        let command = if in_mail { "." } else { line.get(..4).unwrap_or_default().trim() };
        if in_mail {
            all.lock().unwrap().push(got.clone());
        }
        in_mail = command == "DATA";
        let answer = match (&does, command) {
            (Does::Says(at, answer), _) if *at == command => {
                in_mail = false;
                answer.as_str()
            }
            (Does::Hangs(at), _) if *at == command => std::future::pending().await,
            (Does::Drops(at), _) if *at == command => return None,
            (_, "EHLO") => "250-here\r\n250 AUTH PLAIN",
            (_, "MAIL") => {
                got.from = line.trim().to_owned();
                "250 ok"
            }
            (_, "RCPT") => {
                got.to.push(line.trim().to_owned());
                "250 ok"
            }
            (_, "DATA") => "354 go on",
            (_, "AUTH") => "235 welcome",
            (_, "QUIT") => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}
