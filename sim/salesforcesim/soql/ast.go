package soql

// Query is a parsed statement.
type Query struct {
	Text string // the statement as given

	items   []selectItem
	count   bool // SELECT COUNT()
	from    name
	outer   name // before the dot in a sub-select's FROM Account.Contacts
	aliases []alias
	scope   name // USING SCOPE
	where   condition
	groups  []expr
	sets    groupingSets
	having  condition
	order   []ordering
	limit   *int
	offset  *int
}

// name is an identifier with its place.
type name struct {
	text string
	pos  int
}

// alias gives a name to an object or to one of its parents: FROM Contact c, c.Account a.
type alias struct {
	name string
	path []name // empty for the object itself
}

// expr is a field path, or a function of one.
type expr struct {
	function name   // empty for a plain path
	path     []name // empty for COUNT()
	local    bool   // convertTimezone(): days begin in the user's time zone
	pos      int
}

// selectItem is one element of the field list; exactly one of its forms is set.
type selectItem struct {
	expr   *expr
	alias  string
	fields string // FIELDS(…): ALL, STANDARD or CUSTOM
	sub    *Query
	typeOf *typeOf
	pos    int
}

// typeOf is TYPEOF rel WHEN Account THEN Name … ELSE Id END.
type typeOf struct {
	relationship []name
	cases        []typeCase
	otherwise    [][]name
	pos          int
}

type typeCase struct {
	object name
	fields [][]name
}

type groupingSets uint8

const (
	groupPlain groupingSets = iota
	groupRollup
	groupCube
)

type ordering struct {
	expr       expr
	descending bool
	nullsLast  bool
}

// condition is a node of WHERE or HAVING.
type condition interface {
	// semiJoin gives the place of the first semi-join in the condition, if there is one.
	semiJoin() (pos int, found bool)
}

type (
	andCondition struct{ parts []condition }
	orCondition  struct{ parts []condition }
	notCondition struct{ part condition }
	comparison   struct {
		left     expr
		operator string // = != < <= > >= LIKE IN, NOT IN, INCLUDES EXCLUDES
		at       int    // place of the operator
		values   []literal
		sub      *Query // semi-join
	}
)

func (c *andCondition) semiJoin() (int, bool) { return firstSemiJoin(c.parts) }
func (c *orCondition) semiJoin() (int, bool)  { return firstSemiJoin(c.parts) }
func (c *notCondition) semiJoin() (int, bool) { return c.part.semiJoin() }
func (c *comparison) semiJoin() (int, bool)   { return c.left.pos, c.sub != nil }

func firstSemiJoin(parts []condition) (int, bool) {
	for _, p := range parts {
		if pos, ok := p.semiJoin(); ok {
			return pos, true
		}
	}
	return 0, false
}

type literalKind uint8

const (
	literalNull literalKind = iota
	literalBool
	literalNumber
	literalString
	literalDate     // 2026-01-02, a datetime or a time of day
	literalRelative // TODAY, LAST_N_DAYS:7
)

// literal is a constant on the right of an operator.
type literal struct {
	kind literalKind
	text string // as written; upper case for relative dates
	n    int    // of LAST_N_DAYS:n
	pos  int
}
