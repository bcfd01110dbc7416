package segment

import (
	"encoding/json"
	"slices"
)

type operationJSON struct {
	Type             string          `json:"operationType"`
	Operator         string          `json:"operator"`
	Value            json.RawMessage `json:"value"`
	Values           []string        `json:"values"`
	LowerBound       *float64        `json:"lowerBound"`
	UpperBound       *float64        `json:"upperBound"`
	Timestamp        *int64          `json:"timestamp"`
	TimePoint        json.RawMessage `json:"timePoint"`
	LowerTimePoint   json.RawMessage `json:"lowerBoundTimePoint"`
	UpperTimePoint   json.RawMessage `json:"upperBoundTimePoint"`
	Endpoint         string          `json:"endpointBehavior"`
	LowerEndpoint    string          `json:"lowerBoundEndpointBehavior"`
	UpperEndpoint    string          `json:"upperBoundEndpointBehavior"`
	Parser           string          `json:"propertyParser"`
	IncludeValueless bool            `json:"includeObjectsWithNoValueSet"`
}

// test says whether one set value of a property passes.
type test func(value string, r Record, e *Env) bool

// verb is an operator taken apart: what to test, and what the answer means.
type verb struct {
	test   string
	negate bool
	ever   bool // over all values the property has had
}

// propertyNode is one PROPERTY filter.
type propertyNode struct {
	name      string
	test      test
	verb      verb
	valueless bool // the answer for a record without a value
}

func (p propertyNode) matches(r Record, e *Env) bool {
	values := p.values(r)
	if len(values) == 0 {
		return p.valueless
	}
	passes := slices.ContainsFunc(values, func(v string) bool { return p.test(v, r, e) })
	return passes != p.verb.negate
}

func (p propertyNode) values(r Record) []string {
	if h, ok := r.(Historian); ok && p.verb.ever {
		return slices.DeleteFunc(slices.Clone(h.History(p.name)), func(v string) bool { return v == "" })
	}
	if v, ok := r.Property(p.name); ok && v != "" {
		return []string{v}
	}
	return nil
}

func (p *parser) property(name string, raw json.RawMessage, at string) (node, error) {
	var op operationJSON
	if err := decode(raw, &op, at); err != nil {
		return nil, err
	}
	kind, ok := operations[op.Type]
	if !ok {
		return nil, refuse(join(at, "operationType"), "operation type %q is not supported", op.Type)
	}
	v, ok := kind.verbs[op.Operator]
	if !ok {
		return nil, refuse(join(at, "operator"), "operator %q is not valid for operation type %s", op.Operator, op.Type)
	}
	t, err := kind.compile(p, v, op, at)
	if err != nil {
		return nil, err
	}
	n := propertyNode{name: name, test: t, verb: v, valueless: op.IncludeValueless}
	if op.Type == "ALL_PROPERTY" {
		n.valueless = v.negate
	}
	return n, nil
}

// operation is one operation type: its operators, and how to make their tests.
type operation struct {
	verbs   map[string]verb
	compile func(p *parser, v verb, op operationJSON, at string) (test, error)
}

// operations are the operation types of the Lists v3 documentation that this
// portal evaluates.
var operations map[string]operation

func init() {
	operations = map[string]operation{
		"ALL_PROPERTY":  {knownVerbs, compileKnown},
		"STRING":        {textVerbs, compileString},
		"MULTISTRING":   {textVerbs, compileMultiString},
		"ENUMERATION":   {enumerationVerbs, compileEnumeration},
		"BOOL":          {boolVerbs, compileBool},
		"NUMBER":        {numberVerbs, compileNumber},
		"NUMBER_RANGED": {betweenVerbs, compileNumberRange},
		"DATETIME":      {dateTimeVerbs, compileDateTime},
		"TIME_POINT":    {timePointVerbs, compileTimePoint},
		"TIME_RANGED":   {betweenVerbs, compileTimeRange},
	}
}

var (
	knownVerbs = map[string]verb{
		"IS_KNOWN":   {test: "known"},
		"IS_UNKNOWN": {test: "known", negate: true},
	}
	textVerbs = map[string]verb{
		"IS_EQUAL_TO":             {test: "equal"},
		"IS_NOT_EQUAL_TO":         {test: "equal", negate: true},
		"CONTAINS":                {test: "contains"},
		"DOES_NOT_CONTAIN":        {test: "contains", negate: true},
		"STARTS_WITH":             {test: "starts"},
		"ENDS_WITH":               {test: "ends"},
		"HAS_EVER_BEEN_EQUAL_TO":  {test: "equal", ever: true},
		"HAS_NEVER_BEEN_EQUAL_TO": {test: "equal", ever: true, negate: true},
		"HAS_EVER_CONTAINED":      {test: "contains", ever: true},
		"HAS_NEVER_CONTAINED":     {test: "contains", ever: true, negate: true},
	}
	enumerationVerbs = map[string]verb{
		"IS_ANY_OF":               {test: "any"},
		"IS_NONE_OF":              {test: "any", negate: true},
		"IS_EXACTLY":              {test: "exactly"},
		"IS_NOT_EXACTLY":          {test: "exactly", negate: true},
		"CONTAINS_ALL":            {test: "all"},
		"DOES_NOT_CONTAIN_ALL":    {test: "all", negate: true},
		"HAS_EVER_BEEN_ANY_OF":    {test: "any", ever: true},
		"HAS_NEVER_BEEN_ANY_OF":   {test: "any", ever: true, negate: true},
		"HAS_EVER_BEEN_EXACTLY":   {test: "exactly", ever: true},
		"HAS_NEVER_BEEN_EXACTLY":  {test: "exactly", ever: true, negate: true},
		"HAS_EVER_CONTAINED_ALL":  {test: "all", ever: true},
		"HAS_NEVER_CONTAINED_ALL": {test: "all", ever: true, negate: true},
	}
	boolVerbs = map[string]verb{
		"IS_EQUAL_TO":             {test: "equal"},
		"IS_NOT_EQUAL_TO":         {test: "equal", negate: true},
		"HAS_EVER_BEEN_EQUAL_TO":  {test: "equal", ever: true},
		"HAS_NEVER_BEEN_EQUAL_TO": {test: "equal", ever: true, negate: true},
	}
	numberVerbs = map[string]verb{
		"IS_EQUAL_TO":                 {test: "equal"},
		"IS_NOT_EQUAL_TO":             {test: "equal", negate: true},
		"IS_GREATER_THAN":             {test: "greater"},
		"IS_GREATER_THAN_OR_EQUAL_TO": {test: "less", negate: true},
		"IS_LESS_THAN":                {test: "less"},
		"IS_LESS_THAN_OR_EQUAL_TO":    {test: "greater", negate: true},
		"HAS_EVER_BEEN_EQUAL_TO":      {test: "equal", ever: true},
		"HAS_NEVER_BEEN_EQUAL_TO":     {test: "equal", ever: true, negate: true},
	}
	betweenVerbs = map[string]verb{
		"IS_BETWEEN":     {test: "between"},
		"IS_NOT_BETWEEN": {test: "between", negate: true},
	}
	dateTimeVerbs = map[string]verb{
		"IS_EQUAL_TO":    {test: "equal"},
		"IS_BEFORE":      {test: "before"},
		"IS_AFTER":       {test: "after"},
		"IS_BEFORE_DATE": {test: "before"},
		"IS_AFTER_DATE":  {test: "after"},
	}
	timePointVerbs = map[string]verb{
		"IS_BEFORE": {test: "before"},
		"IS_AFTER":  {test: "after"},
	}
)
