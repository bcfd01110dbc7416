package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is an error as RFC 9457 has it, with the code that the command line shows too.
type Problem struct {
	huma.ErrorModel
	Code string `json:"code,omitempty" doc:"stays the same between releases"`
	Mend string `json:"mend,omitempty" doc:"what to do, where something can be told"`
}

func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := newProblem(status, message)
		for _, err := range errs {
			p.Add(err)
		}
		return p
	}
}

// codes are the codes of what the API itself refuses.
var codes = map[int]string{http.StatusUnauthorized: "token_needed", http.StatusForbidden: "role_needed", http.StatusNotFound: "not_found",
	http.StatusInternalServerError: "failed"}

func newProblem(status int, message string) *Problem {
	p := &Problem{ErrorModel: huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: message}, Code: codes[status]}
	if p.Code == "" {
		p.Code = "usage"
	}
	return p
}

// problem turns an error into what a program reads.
func (s *service) problem(err error) error {
	if err == nil {
		return nil
	}
	t := s.Tell(err)
	status := http.StatusUnprocessableEntity
	switch {
	case strings.HasSuffix(t.Code, "not_found"):
		status = http.StatusNotFound
	case t.Code == "failed":
		status = http.StatusInternalServerError
		s.Log.Error("api", "cause", err)
	}
	p := newProblem(status, t.Message)
	p.Code, p.Mend = t.Code, t.Mend
	return p
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a program that went away reads nothing
}
