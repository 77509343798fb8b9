//! What a client asks: the head of a request, within limits.

use crate::site::Status;
use std::mem::MaybeUninit;

/// The longest head, in bytes.
pub(crate) const HEAD: usize = 8 * 1024;
/// The longest body that is read over, in bytes.
pub(crate) const BODY: usize = 1024 * 1024;
const HEADERS: usize = 64;

/// The head of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// What it asks for, as it stands there.
    pub(crate) target: String,
    /// Only the head of the answer is wanted.
    pub(crate) head_only: bool,
    /// More requests may come on the same connection.
    pub(crate) keep_alive: bool,
    /// The client waits for a word before it sends the body.
    pub(crate) expects_continue: bool,
    /// How many bytes the head takes, and the body behind it.
    pub(crate) head: usize,
    pub(crate) body: usize,
}

/// Reads a head; None when it is not all there. What cannot be answered is the status that says so.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Request>, Status> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Request::new(&mut []);
    let head = match parsed.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() >= HEAD => return Err(Status::HeadTooLarge),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
        Err(_) => return Err(Status::BadRequest),
    };
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Err(Status::BadRequest);
    };
    let mut request = Request {
        target: target.to_string(),
        head_only: method == "HEAD",
        keep_alive: parsed.version == Some(1),
        expects_continue: false,
        head,
        body: 0,
    };
    let mut length = None;
    for header in parsed.headers.iter() {
        let value = std::str::from_utf8(header.value)
            .map_err(|_| Status::BadRequest)?
            .trim();
        if header.name.eq_ignore_ascii_case("content-length") {
            let told = digits(value).ok_or(Status::BadRequest)?;
            // Two that disagree are how requests are smuggled past a proxy.
            if length.replace(told).is_some_and(|before| before != told) {
                return Err(Status::BadRequest);
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Status::LengthRequired);
        } else if header.name.eq_ignore_ascii_case("connection") {
            for word in value.split(',').map(str::trim) {
                request.keep_alive |= word.eq_ignore_ascii_case("keep-alive");
                request.keep_alive &= !word.eq_ignore_ascii_case("close");
            }
        } else if header.name.eq_ignore_ascii_case("expect") {
            request.expects_continue = value.eq_ignore_ascii_case("100-continue");
        }
    }
    request.body = length.unwrap_or(0);
    match method {
        _ if request.body > BODY => Err(Status::BodyTooLarge),
        "GET" | "HEAD" => Ok(Some(request)),
        _ => Err(Status::NotAllowed),
    }
}

/// A number in digits and nothing else.
fn digits(text: &str) -> Option<usize> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_whole_or_not_there() {
        let bytes = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b";
        for cut in 0..27 {
            assert_eq!(parse(&bytes[..cut]), Ok(None));
        }
        let request = parse(bytes).unwrap().unwrap();
        assert_eq!(
            (request.target.as_str(), request.head, request.body),
            ("/a", 28, 0)
        );
        assert!(request.keep_alive && !request.head_only);
    }

    #[test]
    fn what_cannot_be_answered_is_told_apart() {
        let of = |text: &str| parse(text.as_bytes()).unwrap_err();
        assert_eq!(of("nonsense\r\n\r\n"), Status::BadRequest);
        assert_eq!(of("POST / HTTP/1.1\r\n\r\n"), Status::NotAllowed);
        assert_eq!(
            of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            Status::BadRequest
        );
        assert_eq!(
            of("GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"),
            Status::BadRequest
        );
        assert_eq!(
            of("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
            Status::BodyTooLarge
        );
        assert_eq!(
            of("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Status::LengthRequired
        );
        assert_eq!(
            of(&format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(HEAD))),
            Status::HeadTooLarge
        );
    }
}
