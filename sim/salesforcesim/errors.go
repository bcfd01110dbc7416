package salesforcesim

import (
	"net/http"
	"strings"
)

// rowError is why one record was refused, in the vendor's words.
type rowError struct {
	code    string
	message string
	fields  []string
	parse   bool // the value did not even parse, which fails a whole JSON request
	retired bool // of an API version that is no longer served
	dup     *duplicate
}

func (e rowError) Error() string { return e.code + ": " + e.message }

// rowErrors is one or more reasons; Go callers see them as one error.
type rowErrors []rowError

func (es rowErrors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// asError keeps an empty list from becoming a non-nil error.
func (es rowErrors) asError() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

func refuse(code, message string, fields ...string) rowErrors {
	return rowErrors{{code: code, message: message, fields: fields}}
}

// statuses are the codes whose HTTP status is not 400 on a record resource.
var statuses = map[string]int{
	"ENTITY_IS_DELETED":               http.StatusNotFound,
	"NOT_FOUND":                       http.StatusNotFound,
	"INVALID_SESSION_ID":              http.StatusUnauthorized,
	"INVALID_AUTH_HEADER":             http.StatusUnauthorized,
	"REQUEST_LIMIT_EXCEEDED":          http.StatusForbidden,
	"API_DISABLED_FOR_ORG":            http.StatusForbidden,
	"INSUFFICIENT_ACCESS":             http.StatusForbidden,
	"INSUFFICIENT_ACCESS_OR_READONLY": http.StatusForbidden,
	"METHOD_NOT_ALLOWED":              http.StatusMethodNotAllowed,
	"UNSUPPORTED_MEDIA_TYPE":          http.StatusUnsupportedMediaType,
	"INVALIDJOBSTATE":                 http.StatusBadRequest,
	"SERVER_UNAVAILABLE":              http.StatusServiceUnavailable,
	"UNKNOWN_EXCEPTION":               http.StatusInternalServerError,
	"PRECONDITION_FAILED":             http.StatusPreconditionFailed,
}

func (es rowErrors) status() int {
	if es[0].retired {
		return http.StatusGone
	}
	if s, ok := statuses[es[0].code]; ok {
		return s
	}
	return http.StatusBadRequest
}

func notFound() rowErrors {
	return refuse("NOT_FOUND", "The requested resource does not exist")
}

func entityDeleted() rowErrors {
	return rowErrors{{code: "ENTITY_IS_DELETED", message: "entity is deleted", fields: []string{}}}
}

func noColumn(name, object string) rowErrors {
	return refuse("INVALID_FIELD", "No such column '"+name+"' on sobject of type "+object)
}

func notWritable(names []string) rowErrors {
	return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+strings.Join(names, ", ")+
		". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", names...)
}
