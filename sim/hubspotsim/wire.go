package hubspotsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// text reads a JSON string, number, boolean or null, as the API takes them all
// for property values and ids.
type text string

// UnmarshalJSON accepts scalars; null counts as empty.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case string(b) == "null":
		*t = ""
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return badJSON("Cannot deserialize value of type `java.lang.String` from " + startName(b[0]))
	default:
		*t = text(b)
	}
	return nil
}

func startName(c byte) string {
	if c == '[' {
		return "Array value (token `JsonToken.START_ARRAY`)"
	}
	return "Object value (token `JsonToken.START_OBJECT`)"
}

// number reads an int that may come as a string.
func (t text) number(otherwise int) int {
	if n, err := strconv.Atoi(string(t)); err == nil {
		return n
	}
	return otherwise
}

// integer is number, but refuses what is none.
func (t text) integer(otherwise int) (int, *apiError) {
	if _, err := strconv.Atoi(string(t)); err != nil && t != "" {
		return 0, badJSON("Cannot deserialize value of type `int` from String \"" + string(t) + "\": not a valid `int` value")
	}
	return t.number(otherwise), nil
}

func texts(list []text) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = string(t)
	}
	return out
}

// values is the properties object of a write.
type values map[string]text

func (v values) plain() map[string]string {
	out := make(map[string]string, len(v))
	for k, t := range v {
		out[k] = string(t)
	}
	return out
}

// ref is {"id":…}.
type ref struct {
	ID text `json:"id"`
}

// specRef names an association type on the wire.
type specRef struct {
	Category string `json:"associationCategory"`
	TypeID   text   `json:"associationTypeId"`
}

// wantedLink is an association in the body of a create.
type wantedLink struct {
	To    ref       `json:"to"`
	Types []specRef `json:"types"`
}

// input is one item of a batch, or the body of a single write.
type input struct {
	ID           text         `json:"id"`
	IDProperty   string       `json:"idProperty"`
	Properties   values       `json:"properties"`
	Associations []wantedLink `json:"associations"`
	Trace        text         `json:"objectWriteTraceId"`
}

// queryList reads a parameter that may be repeated, comma separated, or both.
func queryList(q url.Values, name string) []string {
	var out []string
	for _, v := range q[name] {
		for _, item := range strings.Split(v, ",") {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

// queryInt reads a number within bounds.
func queryInt(q url.Values, name string, otherwise, most int) (int, *apiError) {
	s := q.Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, invalid("Invalid value for parameter " + name + ": " + s)
	}
	if n > most {
		return 0, invalid("The value of parameter " + name + " must be at most " + strconv.Itoa(most))
	}
	return max(n, 1), nil
}

func queryBool(q url.Values, name string) bool { return q.Get(name) == "true" }

// wishes checks the associations of a create body.
func (p *Portal) wishes(t *table, wanted []wantedLink) ([]wish, *apiError) {
	var out []wish
	for _, w := range wanted {
		one, e := p.wishOf(t, w)
		if e != nil {
			return nil, e
		}
		out = append(out, one)
	}
	return out, nil
}

func (p *Portal) wishOf(t *table, w wantedLink) (wish, *apiError) {
	bad := invalid("One or more associations are invalid")
	id, ok := parseID(string(w.To.ID))
	if !ok || len(w.Types) == 0 {
		return wish{}, bad
	}
	out := wish{id: id}
	for _, s := range w.Types {
		l := p.labelFrom(t, s)
		if l == nil || out.to != nil && out.to.n != l.to {
			return wish{}, bad
		}
		out.to = p.tables[l.to]
		out.labels = append(out.labels, l.n)
	}
	if out.to.resolve(id) == nil || !out.to.resolve(id).live() {
		return wish{}, bad
	}
	return out, nil
}

// labelFrom finds an association type by category and number, from a type.
func (p *Portal) labelFrom(t *table, s specRef) *label {
	category := s.Category
	if category == "" {
		category = hubspotDefined
	}
	for _, l := range p.labels {
		if !l.gone && l.from == t.n && l.category == category && l.typeID == s.TypeID.number(-1) {
			return l
		}
	}
	return nil
}

func ok(body any) (reply, *apiError) { return reply{status: http.StatusOK, body: body}, nil }

func noContent() (reply, *apiError) { return reply{status: http.StatusNoContent}, nil }

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
