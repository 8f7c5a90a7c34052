//! A server on this machine that speaks the hub's protocol, well or badly.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    /// The first byte asked for, where a range was asked for.
    pub from: Option<usize>,
    pub authorization: Option<String>,
}

/// How long a body claims to be.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// As long as it is.
    Truth,
    /// As long as this.
    Length(usize),
    /// Nothing: it ends when the connection does.
    Nothing,
}

/// What to do after the bytes that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Close,
    /// Keep the connection and say no more.
    Hang,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub claim: Claim,
    /// Bytes of the body that are sent before the connection is cut or hangs.
    pub send: usize,
    pub after: After,
}

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            claim: Claim::Truth,
            send: usize::MAX,
            after: After::Close,
        }
    }

    /// The whole body, whatever was asked.
    pub fn whole(body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..Self::status(200) }
    }

    /// What was asked of the file, as a good server answers.
    pub fn file(file: &[u8], request: &Request) -> Self {
        let Some(from) = request.from else { return Self::whole(file) };
        if from >= file.len() {
            return Self::status(416);
        }
        let range = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
        Self { status: 206, ..Self::whole(&file[from..]) }.header("Content-Range", range)
    }

    pub fn redirect(to: impl Into<String>) -> Self {
        Self::status(302).header("Location", to)
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn claiming(self, claim: Claim) -> Self {
        Self { claim, ..self }
    }

    pub fn cut_after(self, send: usize) -> Self {
        Self { send, ..self }
    }

    pub fn hang_after(self, send: usize) -> Self {
        Self { send, after: After::Hang, ..self }
    }

    fn write(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        write!(stream, "HTTP/1.1 {} Because\r\nConnection: close\r\n", self.status)?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        match self.claim {
            Claim::Truth => write!(stream, "Content-Length: {}\r\n", self.body.len())?,
            Claim::Length(length) => write!(stream, "Content-Length: {length}\r\n")?,
            Claim::Nothing => {}
        }
        write!(stream, "\r\n")?;
        stream.write_all(&self.body[..self.send.min(self.body.len())])?;
        stream.flush()?;
        if self.after == After::Hang {
            // Until the client gives up: its end of the connection closes.
            let _ = BufReader::new(stream).read_line(&mut String::new());
        }
        Ok(())
    }
}

/// A running server; it ends with the test's process.
pub struct Hub {
    pub endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Hub {
    /// Answers each request as `answer` says; it also hears how many came before.
    pub fn serve(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || attend(stream, &log, &*answer));
            }
        });
        Self { endpoint, requests }
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn attend(
    mut stream: TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request, usize) -> Reply,
) {
    let Some(request) = read(&stream) else { return };
    let before = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    // A client that has read enough may close first.
    let _ = answer(&request, before).write(&mut stream);
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut request = Request { path, from: None, authorization: None };
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        match name.to_lowercase().as_str() {
            "range" => request.from = value.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok(),
            "authorization" => request.authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(request)
}

/// The address of a port at which nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The address of a server that takes connections and says nothing; it ends with the value.
pub fn black_hole() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}
