//! Holds the body of an answer against a budget until it is sent, so that clients that do not read use up the budget
//! and not the memory. Must not change an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use super::budget::{Budget, BudgetShare, Exhausted};
use super::limits::SMALL_ANSWER_BYTES;

/// The same answer, whose body counts as in use until it is sent. A small one, and one without a known length, which is
/// made while it is sent, is left as it is.
///
/// # Errors
/// [`Exhausted`]; the answer is gone then, and its memory free.
pub(crate) fn hold(response: Response, budget: &Budget) -> Result<Response, Exhausted> {
    match counted(&response) {
        Some(bytes) => Ok(held(response, budget.take(bytes)?)),
        None => Ok(response),
    }
}

/// The same, also beyond the budget: other answers are refused until it is sent.
pub(crate) fn hold_in_any_case(response: Response, budget: &Budget) -> Response {
    match counted(&response) {
        Some(bytes) => held(response, budget.charge(bytes)),
        None => response,
    }
}

fn counted(response: &Response) -> Option<u64> {
    response.body().size_hint().exact().filter(|bytes| *bytes > SMALL_ANSWER_BYTES)
}

fn held(response: Response, share: BudgetShare) -> Response {
    response.map(|body| Body::new(HeldBody { body, share: Some(share) }))
}

/// A body of one piece, whose share goes with the piece: the transport drops a body before its last bytes are out.
struct HeldBody {
    body: Body,
    share: Option<BudgetShare>,
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        polled.map_ok(|frame| match (frame.into_data(), self.share.take()) {
            (Ok(bytes), Some(share)) => Frame::data(share.hold(bytes)),
            (Ok(bytes), None) => Frame::data(bytes),
            (Err(frame), share) => {
                self.share = share;
                frame
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
