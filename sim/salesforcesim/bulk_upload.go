package salesforcesim

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
)

// upload reads the CSV of an ingest job.
type upload struct {
	reader *csv.Reader
	ending string
	text   []byte
	bad    []string // the row that ended the reading
}

func newUpload(j *job) *upload {
	u := &upload{reader: csv.NewReader(bytes.NewReader(j.content)), ending: j.ending, text: j.content}
	u.reader.Comma, u.reader.FieldsPerRecord = delimiters[j.delimiter], -1
	return u
}

// header reads the first line; it is nil where there is none. The line must end
// as the job says (Bulk API 2.0 Developer Guide, "Prepare CSV Files").
func (u *upload) header() (header []string, problem string) {
	header, err := u.reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, ""
	case err != nil:
		return []string{}, invalidBatch("The header of the CSV cannot be read")
	}
	line, _, ended := bytes.Cut(u.text[:u.reader.InputOffset()], []byte("\n"))
	if crlf := bytes.HasSuffix(line, []byte("\r")); ended && crlf != (u.ending == "CRLF") {
		return header, "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " + u.ending
	}
	return header, ""
}

// rows takes the next chunk, and says whether there may be more or why there are
// none.
func (u *upload) rows(width int) (rows [][]string, more bool, problem string) {
	for len(rows) < bulkChunk {
		row, err := u.reader.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows, false, ""
		case errors.As(err, &parse):
			u.bad = row
			return rows, false, "ClientInputError : Failed to parse the CSV at line " + itoa(parse.Line)
		case err != nil:
			return rows, false, "ClientInputError : Failed to read the CSV"
		case len(row) != width:
			u.bad = row
			line, _ := u.reader.FieldPos(0)
			return rows, false, "ClientInputError : Failed to parse the CSV: line " + itoa(line) + " has " + itoa(len(row)) + " fields, the header has " + itoa(width)
		}
		rows = append(rows, row)
	}
	return rows, true, ""
}

// rest gives the rows that were not processed, as far as they can be read.
func (u *upload) rest() (rows [][]string) {
	if len(u.bad) > 0 {
		rows = append(rows, u.bad)
	}
	for {
		row, err := u.reader.Read()
		if err != nil {
			return rows
		}
		rows = append(rows, row)
	}
}
