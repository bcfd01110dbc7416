package soql

// Error is a refusal in Salesforce's words; the REST layer renders it as [{"errorCode":Code,"message":Message}] with 400.
type Error struct {
	Code    string // MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, INVALID_QUERY_FILTER_OPERATOR, NUMBER_OUTSIDE_VALID_RANGE
	Message string // with the query's excerpt, a caret, row and column where Salesforce gives them
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }
