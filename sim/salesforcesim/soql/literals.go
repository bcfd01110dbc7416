package soql

// Texts are the values of the text literals in the statement's WHERE, in their order,
// as the org understands them. A caller who builds statements from values checks by it
// that a value stayed one.
func (q *Query) Texts() []string { return textsOf(q.where) }

func textsOf(c condition) (out []string) {
	switch c := c.(type) {
	case *andCondition:
		return textsOfAll(c.parts)
	case *orCondition:
		return textsOfAll(c.parts)
	case *notCondition:
		return textsOf(c.part)
	case *comparison:
		for _, v := range c.values {
			if v.kind == literalString {
				out = append(out, plainText(v.text))
			}
		}
		if c.sub != nil {
			out = append(out, c.sub.Texts()...)
		}
	}
	return out
}

func textsOfAll(parts []condition) (out []string) {
	for _, p := range parts {
		out = append(out, textsOf(p)...)
	}
	return out
}
