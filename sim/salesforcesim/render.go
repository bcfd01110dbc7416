package salesforcesim

import (
	"math"
	"strconv"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// appendValue renders a value as the REST API does: numbers of every type but
// int carry a decimal point, datetimes an offset without colon.
func appendValue(dst []byte, v value, typ string) []byte {
	switch v.Kind() {
	case soql.KindNull:
		return append(dst, "null"...)
	case soql.KindNumber:
		return appendNumber(dst, v.Num(), typ)
	case soql.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case soql.KindDateTime:
		dst = append(dst, '"')
		dst = v.Time().AppendFormat(dst, soql.DateTimeLayout)
		return append(dst, '"')
	case soql.KindRaw:
		return append(dst, v.Str()...)
	}
	return appendString(dst, v.Str())
}

func appendNumber(dst []byte, n float64, typ string) []byte {
	if typ == "int" || typ == "long" {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return append(strconv.AppendInt(dst, int64(n), 10), ".0"...)
	}
	return strconv.AppendFloat(dst, n, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. It exists because record rows are most
// of what the org sends and encoding/json would reflect on each.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), `\ufffd`...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = appendEscape(append(dst, s[from:i]...), c)
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// appendAttributes writes the "attributes" member that opens every record.
func appendAttributes(dst []byte, version, object, id string) []byte {
	return appendTyped(dst, version, object, object, id)
}

// appendTyped is appendAttributes with a type that is not the object's name.
func appendTyped(dst []byte, version, typ, object, id string) []byte {
	dst = append(dst, `{"attributes":{"type":"`...)
	dst = append(dst, typ...)
	if id != "" {
		dst = append(dst, `","url":"/services/data/v`...)
		dst = append(dst, version...)
		dst = append(dst, "/sobjects/"...)
		dst = append(dst, object...)
		dst = append(dst, '/')
		dst = append(dst, id...)
	}
	return append(dst, `"}`...)
}

// appendRecord renders a query result row with its parents and children.
func appendRecord(dst []byte, version string, rec *soql.Record) []byte {
	name := "AggregateResult"
	if rec.Object != nil {
		name = rec.Object.Name
	}
	return appendCells(appendAttributes(dst, version, name, rec.ID), version, rec)
}

// appendParent renders a parent. One of a look-up to several objects calls itself Name,
// unless TYPEOF chose it; its address tells what it is.
func appendParent(dst []byte, version string, c *soql.Cell) []byte {
	if !c.Polymorphic || c.Parent.Object == nil {
		return appendRecord(dst, version, c.Parent)
	}
	return appendCells(appendTyped(dst, version, "Name", c.Parent.Object.Name, c.Parent.ID), version, c.Parent)
}

func appendCells(dst []byte, version string, rec *soql.Record) []byte {
	for i := range rec.Cells {
		c := &rec.Cells[i]
		dst = append(append(append(dst, ',', '"'), c.Name...), '"', ':')
		dst = appendCell(dst, version, c)
	}
	return append(dst, '}')
}

func appendCell(dst []byte, version string, c *soql.Cell) []byte {
	switch c.Kind {
	case soql.ColumnParent:
		if c.Parent == nil {
			return append(dst, "null"...)
		}
		return appendParent(dst, version, c)
	case soql.ColumnChildren:
		if len(c.Children) == 0 {
			return append(dst, "null"...)
		}
		return appendResult(dst, version, c.Children)
	}
	return appendValue(dst, c.Value, c.Type)
}

// appendResult renders a complete list of rows in the envelope of a query.
func appendResult(dst []byte, version string, rows []*soql.Record) []byte {
	dst = append(dst, `{"totalSize":`...)
	dst = strconv.AppendInt(dst, int64(len(rows)), 10)
	dst = append(dst, `,"done":true,"records":[`...)
	for i, r := range rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRecord(dst, version, r)
	}
	return append(dst, ']', '}')
}

// plainValue is a value as Go code outside this package sees it.
func plainValue(v value, typ string) any {
	switch v.Kind() {
	case soql.KindNull:
		return nil
	case soql.KindNumber:
		if typ == "int" || typ == "long" {
			return int64(v.Num())
		}
		return v.Num()
	case soql.KindBool:
		return v.Bool()
	case soql.KindDateTime:
		return v.Time()
	}
	return v.Str()
}
