package hubspotsim

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// rulesBinding is the first version of the API that holds every write to the
// rules an administrator set for a property (changelog of 2026-09); earlier
// versions, v3 among them, let such values pass.
const rulesBinding = "2026-09"

// rule of a property, as the property validations guide spells it.
type valueRule struct {
	Type      string   `json:"ruleType"`
	Arguments []string `json:"ruleArguments"`
	Normalize bool     `json:"shouldApplyNormalization"`
}

func (p *Portal) validationRoutes(rt routeTable) {
	const all, one, named = "property-validations/{type}", "property-validations/{type}/{name}", "property-validations/{type}/{name}/rule-type/{rule}"
	rt.add(route{scopes: readsSchema, handle: p.listRules}, "GET", all)
	rt.add(route{scopes: readsSchema, handle: p.rulesOf}, "GET", one)
	rt.add(route{scopes: readsSchema, handle: p.ruleOf}, "GET", named)
	rt.add(route{scopes: editsSchema, write: true, handle: p.putRule}, "PUT", named)
}

func (p *Portal) listRules(c *call) (reply, *apiError) {
	type row struct {
		Name  string      `json:"propertyName"`
		Rules []valueRule `json:"propertyValidationRules"`
	}
	list := []row{}
	for _, d := range c.t.schema.live() {
		if len(d.rules) > 0 {
			list = append(list, row{d.name, d.rules})
		}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) rulesOf(c *call) (reply, *apiError) {
	d, e := c.named(false)
	if e != nil {
		return reply{}, e
	}
	list := d.rules
	if list == nil {
		list = []valueRule{}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) ruleOf(c *call) (reply, *apiError) {
	d, e := c.named(false)
	if e != nil {
		return reply{}, e
	}
	for _, r := range d.rules {
		if r.Type == c.vars["rule"] {
			return ok(r)
		}
	}
	return reply{}, notFound()
}

// putRule sets the rule of a type and leaves those of other types.
func (p *Portal) putRule(c *call) (reply, *apiError) {
	d, e := c.named(false)
	if e != nil {
		return reply{}, e
	}
	r := valueRule{Type: c.vars["rule"]}
	if e := c.decode(&r); e != nil {
		return reply{}, e
	}
	r.Type = c.vars["rule"]
	if holds, known := ruleChecks[r.Type]; !known || len(r.Arguments) != 1 || !holds.arguable(r.Arguments[0]) {
		return reply{}, invalid("Rule type " + r.Type + " with these arguments is not valid for property '" + d.name + "'")
	}
	kept := []valueRule{r}
	for _, have := range d.rules {
		if have.Type != r.Type {
			kept = append(kept, have)
		}
	}
	d.rules = kept
	return reply{status: http.StatusNoContent}, nil
}

// ruleCheck says which arguments a rule type takes and which values hold to it.
type ruleCheck struct {
	arguable func(argument string) bool
	holds    func(argument, text string) bool
}

var ruleChecks = map[string]ruleCheck{
	"MIN_LENGTH":   {isNumber, func(a, s string) bool { return float64(utf8.RuneCountInString(s)) >= number(a) }},
	"MAX_LENGTH":   {isNumber, func(a, s string) bool { return float64(utf8.RuneCountInString(s)) <= number(a) }},
	"MIN_NUMBER":   {isNumber, func(a, s string) bool { return isNumber(s) && cmp.Compare(number(s), number(a)) >= 0 }},
	"MAX_NUMBER":   {isNumber, func(a, s string) bool { return isNumber(s) && cmp.Compare(number(s), number(a)) <= 0 }},
	"ALPHANUMERIC": {func(a string) bool { return alphabets[a] != nil }, func(a, s string) bool { return every(s, alphabets[a]) }},
	"REGEX": {func(a string) bool { _, err := regexp.Compile(a); return err == nil },
		func(a, s string) bool { return regexp.MustCompile(`^(?:` + a + `)$`).MatchString(s) }},
}

var alphabets = map[string]func(rune) bool{
	"NUMERIC_ONLY":      unicode.IsDigit,
	"ALPHABETIC_ONLY":   unicode.IsLetter,
	"ALPHANUMERIC_ONLY": func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
}

func every(s string, fits func(rune) bool) bool {
	for _, r := range s {
		if !fits(r) {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func number(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64) // isNumber was asked first
	return f
}

// check checks a write of this call, by the rules of its version.
func (c *call) check(r *record, props map[string]string) (*draft, *apiError) {
	if c.dated() && c.ver >= rulesBinding {
		if problems := c.t.broken(props); problems != nil {
			return nil, c.p.badProperties(problems)
		}
	}
	return c.p.check(c.t, r, c.b.by, props)
}

// broken lists the values that break a rule; blank ones break none.
func (t *table) broken(props map[string]string) []propError {
	var out []propError
	for _, name := range sortedKeys(props) {
		d := t.schema.find(name)
		if d == nil || props[name] == "" {
			continue
		}
		for _, r := range d.rules {
			if !ruleChecks[r.Type].holds(r.Arguments[0], props[name]) {
				out = append(out, propError{fmt.Sprintf("%q does not hold to the rule %s %s of property %q", props[name], r.Type, r.Arguments[0], name),
					"PROPERTY_VALIDATION_RULE", name})
			}
		}
	}
	return out
}
