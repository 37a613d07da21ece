//! Receipts as answers: the C2SP tlog-proof itself, or within JSON.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::{QueryError, Recorded};

use crate::accept::Form;
use crate::problem::Problem;

/// A receipt with what it says first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// Index of the entry in the log.
    index: u64,
    /// Leaf hash of the entry, in hex.
    leaf: String,
    /// The receipt, a C2SP tlog-proof with the entry in `extra`.
    receipt: String,
}

impl ReceiptView {
    pub(crate) fn of(recorded: &Recorded) -> Result<Self, QueryError> {
        let leaf = recorded.leaf().to_string();
        Ok(Self { index: recorded.index(), leaf, receipt: recorded.receipt()? })
    }
}

/// The receipt in the form that was asked for.
pub(crate) fn answer(recorded: &Recorded, form: Form) -> Result<Response, Problem> {
    Ok(match form {
        Form::Text => {
            let mut response = Response::new(Body::from(recorded.receipt()?));
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
            response
        }
        Form::Json => Json(ReceiptView::of(recorded)?).into_response(),
    })
}
