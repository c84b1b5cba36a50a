//! JSON-RPC 2.0: from the bytes of a request to the bytes of an answer. What a method does is in `methods`.

use serde_json::{Map, Value, json};

use super::chain::SimChain;
use super::params::Params;

/// An error object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Option<Value>,
}

impl RpcError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// What nodes answer when nothing more special fits.
    pub(super) fn server(message: impl Into<String>) -> Self {
        Self::new(-32_000, message)
    }

    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(-32_602, message)
    }

    fn invalid_request() -> Self {
        Self::new(-32_600, "invalid request")
    }

    fn into_json(self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let (Some(data), Some(object)) = (self.data, error.as_object_mut()) {
            object.insert("data".to_owned(), data);
        }
        error
    }
}

impl SimChain {
    /// Answers the body of one HTTP request: a call or a batch. The answer to notifications alone is empty.
    pub fn handle(&mut self, request_body: &[u8]) -> Vec<u8> {
        let answer = match serde_json::from_slice::<Value>(request_body) {
            Err(_) => Some(answer(Value::Null, Err(RpcError::new(-32_700, "parse error")))),
            Ok(Value::Array(calls)) if calls.is_empty() => {
                Some(answer(Value::Null, Err(RpcError::new(-32_600, "empty batch"))))
            }
            Ok(Value::Array(calls)) => {
                let answers: Vec<Value> = calls.into_iter().filter_map(|call| self.answer_call(call)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            Ok(call) => self.answer_call(call),
        };
        answer.map(|answer| answer.to_string().into_bytes()).unwrap_or_default()
    }

    fn answer_call(&mut self, call: Value) -> Option<Value> {
        let Value::Object(mut call) = call else {
            return Some(answer(Value::Null, Err(RpcError::invalid_request())));
        };
        let id = call.remove("id");
        if !matches!(id, None | Some(Value::Null | Value::String(_) | Value::Number(_))) {
            return Some(answer(Value::Null, Err(RpcError::invalid_request())));
        }
        let result = self.run_call(&call);
        // Without an id nobody waits for the answer, unless it was no call at all.
        match (id, result) {
            (Some(id), result) => Some(answer(id, result)),
            (None, Err(error)) if error.code == -32_600 => Some(answer(Value::Null, Err(error))),
            (None, _) => None,
        }
    }

    fn run_call(&mut self, call: &Map<String, Value>) -> Result<Value, RpcError> {
        let Some(Value::String(method)) = call.get("method") else { return Err(RpcError::invalid_request()) };
        if call.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(RpcError::invalid_request());
        }
        if self.down {
            return Err(RpcError::server("chain is down"));
        }
        let params = match call.get("params") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(params)) => params.as_slice(),
            Some(_) => return Err(RpcError::invalid_params("non-array args")),
        };
        self.run_method(method, &Params::new(params))
    }
}

fn answer(id: Value, result: Result<Value, RpcError>) -> Value {
    match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(error) => json!({"jsonrpc": "2.0", "id": id, "error": error.into_json()}),
    }
}
