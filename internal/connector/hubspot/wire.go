package hubspot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text is a value that is text on the wire, where some endpoints send a number,
// a boolean or null instead; null is "".
type text string

// UnmarshalJSON takes any scalar.
func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || bytes.Equal(b, []byte("null")) {
		*t = ""
		return nil
	}
	if b[0] != '"' {
		*t = text(b)
		return nil
	}
	if plain := b[1 : len(b)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		*t = text(plain) // nearly every value; the decoder has checked it
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("decode text: %w", err)
	}
	*t = text(s)
	return nil
}

// texts is a list of text that may come as one scalar.
type texts []string

// UnmarshalJSON takes a list of scalars or a scalar; anything else is kept as
// its JSON text.
func (l *texts) UnmarshalJSON(b []byte) error {
	var items []text
	if json.Unmarshal(b, &items) != nil {
		var one text
		if err := one.UnmarshalJSON(b); err != nil {
			return err
		}
		items = []text{one}
	}
	*l = make(texts, 0, len(items))
	for _, i := range items {
		*l = append(*l, string(i))
	}
	return nil
}

// hints are the context of an error: lists of strings by name.
type hints map[string]texts

// wireError is an error body, and an item of errors in a 207.
type wireError struct {
	Status        string       `json:"status"`
	Category      string       `json:"category"`
	Message       string       `json:"message"`
	CorrelationID string       `json:"correlationId"`
	ErrorType     string       `json:"errorType"`
	PolicyName    string       `json:"policyName"`
	Context       hints        `json:"context"`
	Errors        []wireDetail `json:"errors"`
}

type wireDetail struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Context hints  `json:"context"`
}

// wireRecord is a CRM record.
type wireRecord struct {
	ID           text                     `json:"id"`
	Properties   values                   `json:"properties"`
	History      map[string][]wireVersion `json:"propertiesWithHistory"`
	Associations map[string]wireLinks     `json:"associations"`
	CreatedAt    string                   `json:"createdAt"`
	UpdatedAt    string                   `json:"updatedAt"`
	Archived     bool                     `json:"archived"`
	ArchivedAt   string                   `json:"archivedAt"`
	TraceID      string                   `json:"objectWriteTraceId"`
}

type wireVersion struct {
	Value      text   `json:"value"`
	Timestamp  string `json:"timestamp"`
	SourceType string `json:"sourceType"`
	SourceID   text   `json:"sourceId"`
}

// wireLinks are associations as the list endpoint gives them.
type wireLinks struct {
	Results []struct {
		ID   text   `json:"id"`
		Type string `json:"type"`
	} `json:"results"`
	Paging paging `json:"paging"`
}

func (w *wireLinks) whole() bool { return w.Results != nil }

type paging struct {
	Next struct {
		After text `json:"after"`
	} `json:"next"`
}

// wireRecords answers reads, writes, lists and searches of records.
type wireRecords struct {
	Results []wireRecord `json:"results"`
	Errors  []wireError  `json:"errors"`
	Paging  paging       `json:"paging"`
}

// whole tells a list from JSON that is none: results or errors are named, be it
// no single one.
func (w *wireRecords) whole() bool { return w.Results != nil || w.Errors != nil }

type wireInput struct {
	ID           string            `json:"id,omitempty"`
	Properties   map[string]string `json:"properties,omitempty"`
	Associations []wireNewLink     `json:"associations,omitempty"`
	TraceID      string            `json:"objectWriteTraceId,omitempty"`
}

type wireInputs struct {
	Properties []string    `json:"properties,omitempty"`
	History    []string    `json:"propertiesWithHistory,omitempty"`
	IDProperty string      `json:"idProperty,omitempty"`
	Inputs     []wireInput `json:"inputs"`
}

type wireNewLink struct {
	To    wireID         `json:"to"`
	Types []wireLinkType `json:"types"`
}

type wireID struct {
	ID string `json:"id"`
}

type wireLinkType struct {
	Category string `json:"associationCategory"`
	TypeID   int    `json:"associationTypeId"`
}

// wireLinkInput is one input of the association batches.
type wireLinkInput struct {
	From  wireID         `json:"from"`
	To    wireID         `json:"to"`
	Types []wireLinkType `json:"types,omitempty"`
}

// wireLinkRows answers associations batch/read.
type wireLinkRows struct {
	Results []struct {
		From struct {
			ID text `json:"id"`
		} `json:"from"`
		To []struct {
			ID    text `json:"toObjectId"`
			Types []struct {
				Category string `json:"category"`
				TypeID   int    `json:"typeId"`
				Label    string `json:"label"`
			} `json:"associationTypes"`
		} `json:"to"`
		Paging paging `json:"paging"`
	} `json:"results"`
	Errors []wireError `json:"errors"`
}

func (w *wireLinkRows) whole() bool { return w.Results != nil || w.Errors != nil }

// wireLinked answers associations batch/create and batch/associate/default.
type wireLinked struct {
	Results []struct {
		FromID text `json:"fromObjectId"`
		ToID   text `json:"toObjectId"`
		From   struct {
			ID text `json:"id"`
		} `json:"from"`
		To struct {
			ID text `json:"id"`
		} `json:"to"`
	} `json:"results"`
	Errors []wireError `json:"errors"`
}

// parseTime reads the portal's times: ISO 8601 with or without a fraction, or
// epoch milliseconds. The zero time stands for anything else.
func parseTime(s string) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC()
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && s != "" {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// splitList reads a ";"-separated value.
func splitList(s string) []string {
	var out []string
	for item := range strings.SplitSeq(s, ";") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}
