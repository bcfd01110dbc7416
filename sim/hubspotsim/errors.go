package hubspotsim

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"tandem/sim/hubspotsim/jackson"
)

// Categories of the vendor's error bodies.
const (
	categoryValidation = "VALIDATION_ERROR"
	categoryConflict   = "CONFLICT"
	categoryNotFound   = "OBJECT_NOT_FOUND"
)

// errorDetail is one item of the errors list of an error body.
type errorDetail struct {
	Message     string              `json:"message"`
	Code        string              `json:"code,omitempty"`
	In          string              `json:"in,omitempty"`
	SubCategory string              `json:"subCategory,omitempty"`
	Context     map[string][]string `json:"context,omitempty"`
}

// apiError is an error body with its status; every field but the message may be absent.
type apiError struct {
	Status      int                 `json:"-"`
	Kind        string              `json:"status"`
	Message     string              `json:"message"`
	Correlation string              `json:"correlationId,omitempty"`
	Errors      []errorDetail       `json:"errors,omitempty"`
	Context     map[string][]string `json:"context,omitempty"`
	Links       map[string]string   `json:"links,omitempty"`
	SubCategory string              `json:"subCategory,omitempty"`
	Category    string              `json:"category,omitempty"`
	ErrorType   string              `json:"errorType,omitempty"`
	PolicyName  string              `json:"policyName,omitempty"`
	RequestID   string              `json:"requestId,omitempty"`
	// batchMessage is what a batch says that is refused as a whole.
	batchMessage string
	// jsonProblem is what is wrong with the body, jsonOffset how much of it was read.
	jsonProblem string
	jsonOffset  int
	// problems are the refused values, so that a batch can list those of all records.
	problems []propError
}

func (e *apiError) Error() string { return e.Message }

// asError keeps a nil *apiError from becoming a non-nil error.
func asError(e *apiError) error {
	if e == nil {
		return nil
	}
	return e
}

func invalid(message string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Message: message, Category: categoryValidation}
}

// badJSON is the answer to a body that cannot be read; it has no category. Its
// place is the end of the body, unless the parser stopped earlier.
func badJSON(problem string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Message: jackson.Message(nil, problem, 0), jsonProblem: problem, jsonOffset: math.MaxInt}
}

// place puts into the message where in the body the problem stands.
func (e *apiError) place(body []byte) {
	if e.jsonProblem != "" {
		e.Message = jackson.Message(bytes.TrimRight(body, " \r\n\t"), e.jsonProblem, e.jsonOffset)
	}
}

func notFound() *apiError {
	return &apiError{Status: http.StatusNotFound, Message: "resource not found"}
}

func noSuchID(id string) *apiError {
	if _, ok := parseID(id); ok {
		return notFound()
	}
	return &apiError{Status: http.StatusNotFound, Message: "Object not found.  objectId are usually numeric.",
		Category: categoryNotFound, Context: map[string][]string{"id": {id}}}
}

// listedError is an element of the list inside the message of a property error.
type listedError struct {
	IsValid   bool   `json:"isValid"`
	Message   string `json:"message"`
	Error     string `json:"error"`
	Name      string `json:"name"`
	Localized string `json:"localizedErrorMessage,omitempty"`
	PortalID  int64  `json:"portalId,omitempty"`
}

// badProperties lists every problem of one record in the message and each
// different one once in errors.
func (p *Portal) badProperties(problems []propError) *apiError {
	list := listed(problems)
	for i := range list {
		list[i].Localized, list[i].PortalID = list[i].Message, p.portalNumber
	}
	return refused(problems, list)
}

// badBatch lists the problems of all records of a batch, more briefly.
func badBatch(problems []propError) *apiError { return refused(problems, listed(problems)) }

func listed(problems []propError) []listedError {
	list := make([]listedError, len(problems))
	for i, e := range problems {
		list[i] = listedError{Message: e.Message, Error: e.Code, Name: e.Name}
	}
	return list
}

func refused(problems []propError, list []listedError) *apiError {
	text, err := json.Marshal(list)
	if err != nil {
		text = []byte("[]")
	}
	out := invalid("Property values were not valid: " + string(text))
	out.problems = problems
	seen := map[propError]bool{}
	for _, e := range problems {
		if !seen[e] {
			seen[e] = true
			out.Errors = append(out.Errors, errorDetail{Message: e.Message, Code: e.Code, Context: map[string][]string{"propertyName": {e.Name}}})
		}
	}
	return out
}

func alreadyExists(t *table, id uint64) *apiError {
	return &apiError{Status: http.StatusConflict, Category: categoryConflict,
		Message:      t.title + " already exists. Existing ID: " + formatID(id),
		Context:      map[string][]string{"existingId": {formatID(id)}},
		batchMessage: t.title + " already exists"}
}

// missingRecords is the grouped error of a batch read or update.
func missingRecords(t *table, ids []string) errorItem {
	return errorItem{Status: "error", Category: categoryNotFound,
		Message: "Could not get some " + strings.ToUpper(t.singular) + " objects, they may be deleted or not exist. Check that ids are valid.",
		Context: map[string][]string{"ids": ids}}
}

// errorItem is one item of errors in a 207 body.
type errorItem struct {
	Status      string              `json:"status"`
	Category    string              `json:"category"`
	SubCategory string              `json:"subCategory,omitempty"`
	Message     string              `json:"message"`
	Context     map[string][]string `json:"context,omitempty"`
}

// item turns a record's error into a row of a 207 body.
func (e *apiError) item(trace string) errorItem {
	out := errorItem{Status: "error", Category: e.Category, SubCategory: e.SubCategory, Message: e.Message, Context: map[string][]string{}}
	for k, v := range e.Context {
		out.Context[k] = v
	}
	if trace != "" {
		out.Context["objectWriteTraceId"] = []string{trace}
	}
	return out
}

// duplicateIDs refuses a batch that names a record twice.
func duplicateIDs(ids []string) *apiError {
	sort.Strings(ids)
	e := invalid("Duplicate IDs found in batch input: [" + strings.Join(ids, ", ") + "]. IDs must be unique")
	e.Context = map[string][]string{"ids": ids}
	return e
}

func tooMany(limit int) *apiError {
	return invalid("The maximum number of inputs supported in a batch is " + strconv.Itoa(limit) +
		". Please reduce the number of items and try again")
}
