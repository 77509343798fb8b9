//! The answers: `/hello`, and the files of a directory.

use insideout::prelude::*;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// How an answer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    BadRequest,
    NotFound,
    NotAllowed,
    LengthRequired,
    BodyTooLarge,
    HeadTooLarge,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::BadRequest => "400 Bad Request",
            Status::NotFound => "404 Not Found",
            Status::NotAllowed => "405 Method Not Allowed",
            Status::LengthRequired => "411 Length Required",
            Status::BodyTooLarge => "413 Content Too Large",
            Status::HeadTooLarge => "431 Request Header Fields Too Large",
        }
    }
}

/// An answer, and whether the connection ends behind it.
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) kind: &'static str,
    pub(crate) content: Vec<u8>,
}

impl Answer {
    pub(crate) fn hello() -> Self {
        Answer {
            status: Status::Ok,
            kind: "text/plain",
            content: b"Hello, world!".to_vec(),
        }
    }

    /// An answer that says no more than its status.
    pub(crate) fn bare(status: Status) -> Self {
        Answer {
            status,
            kind: "text/plain",
            content: format!("{}\n", status.line()).into_bytes(),
        }
    }

    /// Appends it as it goes over the line.
    pub(crate) fn write(&self, to: &mut Vec<u8>, head_only: bool, last: bool) {
        use std::io::Write;
        let connection = if last { "close" } else { "keep-alive" };
        // Writing to a vector does not fail.
        let _ = write!(
            to,
            "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: {connection}\r\n\r\n",
            self.status.line(),
            self.kind,
            self.content.len(),
        );
        if !head_only {
            to.extend_from_slice(&self.content);
        }
    }
}

/// A directory, and the pool on which files are read, which blocks.
pub(crate) struct Site {
    root: PathBuf,
    files: Home,
}

impl Site {
    pub(crate) fn new(root: &Path, files: Home) -> io::Result<Self> {
        let root = root.canonicalize()?;
        Ok(Site { root, files })
    }
}

#[cps]
impl Site {
    /// The answer to a request for `target`.
    #[cps]
    pub(crate) fn answer(&self, target: &str) -> Answer {
        if target == "/hello" {
            return Answer::hello();
        }
        let Some(path) = local(target) else {
            return Answer::bare(Status::BadRequest);
        };
        match call!(load(self.root.join(path), self.files.clone())) {
            Ok((kind, content)) => Answer {
                status: Status::Ok,
                kind,
                content,
            },
            Err(_) => Answer::bare(Status::NotFound),
        }
    }
}

/// Reads a file where blocking is no harm, and comes back.
#[cps]
fn load(path: PathBuf, files: Home) -> io::Result<(&'static str, Vec<u8>)> {
    let home = insideout::here();
    migrate!(files).map_err(io::Error::other)?;
    let file = match path.is_dir() {
        true => path.join("index.html"),
        false => path,
    };
    let content = fs::read(&file);
    migrate!(home).map_err(io::Error::other)?;
    Ok((kind(&file), content?))
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt" | "md" | "rs" | "toml") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The path that a target names below the root, if it is one and stays there.
fn local(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = PathBuf::from(decoded(path)?);
    let below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    below.then_some(path)
}

/// Text with its `%20`s read.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits =
                    [rest.next()?, rest.next()?].map(|digit| char::from(digit).to_digit(16));
                u8::try_from(digits[0]? * 16 + digits[1]?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_below_the_root() {
        assert_eq!(local("/a/b%20c?d"), Some(PathBuf::from("a/b c")));
        assert_eq!(local("/"), Some(PathBuf::new()));
        for outside in [
            "/../a",
            "/a/../../b",
            "/%2e%2e/a",
            "//etc",
            "a",
            "*",
            "/%zz",
            "/%",
            "/%00",
        ] {
            assert_eq!(local(outside), None, "{outside}");
        }
    }
}
