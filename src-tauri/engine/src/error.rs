//! Every way a call can fail, as the reference's error codes. Nothing foreign passes through: each cause is named here.

use amtia_domain::{FieldProblem, Problems};
use serde_json::{Value, json};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 400: the request cannot be understood or states something impossible.
    #[error("{message}")]
    BadRequest {
        /// What is wrong, in one sentence.
        message: String,
        /// Every offending field.
        details: Vec<FieldProblem>,
    },
    /// 401: no valid token.
    #[error("{0}")]
    Unauthorized(String),
    /// 403: the role may not.
    #[error("{0}")]
    Forbidden(String),
    /// 404: no such path or record.
    #[error("{0}")]
    NotFound(String),
    /// 405: the path exists, the method does not; the router adds `Allow`.
    #[error("This path does not take that method.")]
    MethodNotAllowed,
    /// 412: the record changed since; both values.
    #[error("{message}")]
    Stale {
        /// What happened.
        message: String,
        /// `[{field, message, yours, current}]`.
        details: Vec<Value>,
    },
    /// 413: the body is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// 415: the body is of another type.
    #[error("{0}")]
    UnsupportedMedia(String),
    /// 429: the key's limit is reached.
    #[error("Rate limit reached (1000/min). Wait {retry_after} s before retrying.")]
    TooManyRequests {
        /// Seconds until a request passes again.
        retry_after: u64,
    },
    /// 429: a key's sign-ins failed too often.
    #[error("Too many failed attempts with this API key. Wait {retry_after} s before trying again.")]
    TooManyFailures {
        /// Seconds until another attempt is taken.
        retry_after: u64,
    },
    /// 500: something broke here. The cause is logged, never shown.
    #[error("internal error")]
    Internal(String),
    /// 500 with words: storage refused the write (disk full, read-only medium). Nothing was changed.
    #[error("{0}")]
    Storage(String),
}

impl Error {
    /// 400 without a field.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::BadRequest { message: message.into(), details: Vec::new() }
    }

    /// 400 on one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Problems::one(field, message).into()
    }

    /// 404 of a record.
    pub fn no_record(kind: &str) -> Self {
        Self::NotFound(format!("No {kind} with this identifier."))
    }

    /// 500 from a cause that must not be shown.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// Of a database failure: what a person can act on becomes words, the rest stays inside.
    pub fn database(cause: &rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Storage(
                "The disk is full. The change was not saved; everything saved before is kept. Free some space and try again.".into(),
            ),
            Some(rusqlite::ErrorCode::ReadOnly) => Self::Storage(
                "The workspace file cannot be written. The change was not saved. Check that the file and its folder are not read-only."
                    .into(),
            ),
            _ => Self::Internal(cause.to_string()),
        }
    }

    /// HTTP status.
    #[must_use]
    pub fn code(&self) -> u16 {
        match self {
            Self::BadRequest { .. } => 400,
            Self::Unauthorized(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::MethodNotAllowed => 405,
            Self::Stale { .. } => 412,
            Self::TooLarge(_) => 413,
            Self::UnsupportedMedia(_) => 415,
            Self::TooManyRequests { .. } | Self::TooManyFailures { .. } => 429,
            Self::Internal(_) | Self::Storage(_) => 500,
        }
    }

    /// The status in words, as RFC 9110 names it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.code() {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            415 => "Unsupported Media Type",
            429 => "Too Many Requests",
            _ => "Internal Server Error",
        }
    }

    /// The body of the answer: the reference's error format.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Value {
        let message = match self {
            Self::Internal(_) => {
                "Internal server error. Nothing was changed. Contact support with the request id if the issue persists.".to_owned()
            }
            other => other.to_string(),
        };
        let mut error = json!({ "code": self.code(), "status": self.status(), "message": message, "request_id": request_id });
        let details = match self {
            Self::BadRequest { details, .. } if !details.is_empty() => serde_json::to_value(details).ok(),
            Self::Stale { details, .. } => Some(json!(details)),
            _ => None,
        };
        if let Some(details) = details {
            error["details"] = details;
        }
        json!({ "error": error })
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        let message = match problems.0.as_slice() {
            // Where it ends with why, in the words of another sentence.
            [one] if one.message.ends_with('.') => format!("The field `{}` {}", one.field, one.message),
            [one] => format!("The field `{}` {}.", one.field, one.message),
            many => format!("{} fields are not valid.", many.len()),
        };
        Self::BadRequest { message, details: problems.0 }
    }
}
