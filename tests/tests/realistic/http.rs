//! The head of an HTTP/1.1 request, read from a connection that gives a few bytes at a time; then its body,
//! chunked or of a known length.

use behaviour::{Log, assert_same, both};

#[derive(Clone, Debug, PartialEq)]
enum Bad {
    Closed,
    RequestLine(String),
    Version,
    Header(usize),
    Length,
    Chunk,
    TooLarge,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    keep_alive: bool,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
    }
}

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Connection {
        incoming: &'static [u8],
        at_once: usize,
        buffer: Vec<u8>,
        read: usize,
    }

    #[cps]
    impl Connection {
        pub(super) const fn new(incoming: &'static [u8], at_once: usize) -> Self {
            let buffer = Vec::new();
            Connection {
                incoming,
                at_once,
                buffer,
                read: 0,
            }
        }

        #[cps]
        fn fill(&mut self) -> Result<(), Bad> {
            coop!();
            if self.incoming.is_empty() {
                return Err(Bad::Closed);
            }
            let (now, later) = self
                .incoming
                .split_at(self.at_once.min(self.incoming.len()));
            self.buffer.extend_from_slice(now);
            self.incoming = later;
            self.read += 1;
            Ok(())
        }

        #[cps]
        fn line(&mut self, limit: usize) -> Result<String, Bad> {
            let mut searched = 0;
            let end = loop {
                let new = &self.buffer[searched..];
                if let Some(at) = new.iter().position(|byte| *byte == b'\n') {
                    break searched + at;
                }
                searched = self.buffer.len();
                if searched > limit {
                    return Err(Bad::TooLarge);
                }
                call!(self.fill())?;
            };
            let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            Ok(String::from_utf8_lossy(&line).into_owned())
        }

        #[cps]
        fn exactly(&mut self, count: usize) -> Result<Vec<u8>, Bad> {
            while self.buffer.len() < count {
                call!(self.fill())?;
            }
            let rest = self.buffer.split_off(count);
            Ok(std::mem::replace(&mut self.buffer, rest))
        }

        #[cps]
        fn chunked(&mut self, log: &Log) -> Result<Vec<u8>, Bad> {
            let mut body = Vec::new();
            loop {
                let line = call!(self.line(100))?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(size, 16).or(Err(Bad::Chunk))?;
                if size == 0 {
                    break;
                }
                log.note(format_args!("chunk of {size}"));
                body.extend(call!(self.exactly(size))?);
                let "" = &*call!(self.line(2))? else {
                    return Err(Bad::Chunk);
                };
            }
            while !call!(self.line(100))?.is_empty() {}
            Ok(body)
        }

        #[cps]
        pub(super) fn request(&mut self, log: &Log) -> Result<Request, Bad> {
            let line = call!(self.line(200))?;
            let [method, target, version] = line.split(' ').collect::<Vec<_>>()[..] else {
                return Err(Bad::RequestLine(line));
            };
            let newer = match version.strip_prefix("HTTP/1.") {
                Some("0") => false,
                Some("1") => true,
                _ => return Err(Bad::Version),
            };
            let mut request = Request {
                method: method.to_owned(),
                target: target.to_owned(),
                keep_alive: newer,
                ..Request::default()
            };
            for number in 1.. {
                let line = call!(self.line(200))?;
                if line.is_empty() {
                    break;
                }
                let Some((name, value)) = line.split_once(':') else {
                    return Err(Bad::Header(number));
                };
                if name.is_empty() || name.contains(char::is_whitespace) {
                    return Err(Bad::Header(number));
                }
                log.note(name);
                request
                    .headers
                    .push((name.to_owned(), value.trim().to_owned()));
            }
            request.body = if let Some("chunked") = request.header("transfer-encoding") {
                call!(self.chunked(log))?
            } else if let Some(length) = request.header("content-length").map(str::parse) {
                let length = { length }.map_err(|_| Bad::Length)?;
                call!(self.exactly(length))?
            } else {
                Vec::new()
            };
            if let Some(wanted) = request.header("connection") {
                request.keep_alive = !wanted.eq_ignore_ascii_case("close");
            }
            Ok(request)
        }
    }

    #[cps]
    fn serve(log: &Log, incoming: &'static [u8], at_once: usize) -> (Vec<Request>, Option<Bad>) {
        let mut connection = Connection::new(incoming, at_once);
        let mut served = Vec::new();
        let error = loop {
            match call!(connection.request(log)) {
                Ok(request) => {
                    let last = !request.keep_alive;
                    served.push(request);
                    if last {
                        break None;
                    }
                }
                Err(Bad::Closed) if connection.buffer.is_empty() => break None,
                Err(error) => break Some(error),
            }
            coop!();
        };
        log.note(connection.read);
        (served, error)
    }
}

const TWO: &[u8] = b"POST /form HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\na=b&cGET /last?x=1 HTTP/1.0\nConnection: close\n\n";
const CHUNKED: &[u8] = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n6;x=y\r\npedia \r\n0\r\nTrailer: t\r\n\r\n";

#[test]
fn requests() {
    let (requests, error) = moved::serve(Log::forever(), TWO, 7);
    assert_eq!(error, None);
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (&*requests[0].target, &*requests[0].body),
        ("/form", &b"a=b&c"[..])
    );
    assert_eq!(requests[0].header("HOST"), Some("example.org"));
    assert_eq!(
        (&*requests[1].method, &*requests[1].target),
        ("GET", "/last?x=1")
    );
    let (requests, error) = moved::serve(Log::forever(), CHUNKED, 3);
    assert_eq!((&*requests[0].body, error), (&b"Wikipedia "[..], None));
    for at_once in [1, 7, 1000] {
        assert_same!(|log| serve(log, TWO, at_once));
        assert_same!(|log| serve(log, CHUNKED, at_once));
    }
}

#[test]
fn errors() {
    for (incoming, error) in [
        (&b"GET /\n\n"[..], Bad::RequestLine("GET /".into())),
        (b"GET / HTTP/2\n\n", Bad::Version),
        (b"GET / HTTP/1.1\na: b\nc d: e\n\n", Bad::Header(2)),
        (b"GET / HTTP/1.1\nContent-Length: x\n\n", Bad::Length),
        (b"GET / HTTP/1.1\nContent-Length: 5\n\nabc", Bad::Closed),
        (
            b"GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\nabc\n",
            Bad::Chunk,
        ),
        (&[b'x'; 300], Bad::TooLarge),
    ] {
        assert_eq!(moved::serve(Log::forever(), incoming, 10).1, Some(error));
        assert_same!(|log| serve(log, incoming, 10));
    }
}
