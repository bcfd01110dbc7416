package salesforcesim

import (
	"encoding/json"
	"net/http"
	"strings"
)

// eventSchemaOf answers /sobjects/Name__e/eventSchema and the same of a change event.
func (o *Org) eventSchemaOf(c *call, entity string) *answer {
	id, text, ok := o.bus.Schema(entity)
	return c.schemaAnswer(id, text, ok)
}

// eventSchemaByID answers /event/eventSchema/{id}.
func (o *Org) eventSchemaByID(c *call) *answer {
	if len(c.seg) != 3 || c.seg[1] != "eventSchema" {
		return refusal(notFound())
	}
	return c.reads(func() *answer {
		text, ok := o.bus.SchemaText(c.seg[2])
		return c.schemaAnswer(c.seg[2], text, ok)
	})
}

// schemaAnswer renders a schema in the form asked for: COMPACT is the Avro record
// that events are encoded by, EXPANDED, which is meant where nothing is said, has
// it as the payload of what CometD delivers (REST API Developer Guide, "Platform
// Event Schema by Event Name").
func (c *call) schemaAnswer(id, text string, ok bool) *answer {
	if !ok {
		return refusal(notFound())
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		return refusal(refuse("UNKNOWN_EXCEPTION", "the schema cannot be read"))
	}
	switch format := strings.ToUpper(c.query.Get("payloadFormat")); {
	case format == "COMPACT" || format == "" && !c.since(43):
		record["uuid"] = id
		return marshalled(http.StatusOK, record)
	case format == "" || format == "EXPANDED":
		return marshalled(http.StatusOK, expanded(record))
	}
	return refusal(refuse("INVALID_FIELD", "The value of payloadFormat is not valid: "+c.query.Get("payloadFormat")))
}

// expanded wraps the payload; moments are texts there.
func expanded(record map[string]any) map[string]any {
	fields, _ := record["fields"].([]any)
	for _, raw := range fields {
		if f, _ := raw.(map[string]any); f["doc"] == "CreatedDate:DateTime" && f["type"] == "long" {
			f["type"] = "string"
		}
	}
	column := func(name string, typ any) map[string]any { return map[string]any{"name": name, "type": typ} }
	object := func(name string, fields ...any) map[string]any {
		return map[string]any{"type": "record", "name": name, "fields": fields}
	}
	payload := map[string]any{"type": "record", "name": "Payload", "doc": "", "fields": fields}
	data := object("Data", column("schema", "string"), column("payload", payload), column("event", object("Event", column("replayId", "long"))))
	data["namespace"] = ""
	return map[string]any{"name": record["name"], "namespace": record["namespace"], "type": "expanded-record", "fields": []any{column("data", data), column("channel", "string")}}
}

// changeEventOf gives the entity of an address that names its change event.
func changeEventOf(name string) (string, bool) {
	if !strings.HasSuffix(name, "ChangeEvent") {
		return "", false
	}
	return entityOfEvent(name), true
}
