package salesforcesim

import (
	"strings"
	"testing"
)

// Moments cannot be grouped by, but what a date function makes of them can; a
// date that is grouped by may show a part of itself.
func TestGroupByDateFunctions(t *testing.T) {
	w := newWire(t)
	for _, day := range []string{"2026-03-05", "2026-03-05", "2026-04-01"} {
		w.create("Opportunity", `{"Name":"O","StageName":"Prospecting","CloseDate":"`+day+`","Amount":5}`)
	}
	rows := func(q string) string {
		var out []string
		for _, r := range w.query(q) {
			delete(r, "attributes")
			out = append(out, compactValue(t, r))
		}
		return strings.Join(out, " ")
	}
	for q, want := range map[string]string{
		"SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(CreatedDate)":                                                    `{"expr0":2026,"expr1":3}`,
		"SELECT DAY_ONLY(CreatedDate) d, COUNT(Id) n FROM Opportunity GROUP BY DAY_ONLY(CreatedDate)":                                                          `{"d":"2026-03-02","n":3}`,
		"SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)) h FROM Opportunity GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))":                               `{"h":2}`,
		"SELECT CALENDAR_MONTH(CloseDate) m, SUM(Amount) s FROM Opportunity GROUP BY CALENDAR_MONTH(CloseDate) ORDER BY CALENDAR_MONTH(CloseDate)":             `{"m":3,"s":10} {"m":4,"s":5}`,
		"SELECT CloseDate, CALENDAR_MONTH(CloseDate) m, COUNT(Id) n FROM Opportunity GROUP BY CloseDate ORDER BY CloseDate":                                    `{"CloseDate":"2026-03-05","m":3,"n":2} {"CloseDate":"2026-04-01","m":4,"n":1}`,
		"SELECT DAY_ONLY(CreatedDate) d, COUNT(Id) n FROM Opportunity GROUP BY DAY_ONLY(CreatedDate) HAVING DAY_ONLY(CreatedDate) > 2026-03-01":                `{"d":"2026-03-02","n":3}`,
		"SELECT CALENDAR_MONTH(CreatedDate) m, CALENDAR_YEAR(CreatedDate) y FROM Opportunity GROUP BY CALENDAR_YEAR(CreatedDate), CALENDAR_MONTH(CreatedDate)": `{"m":3,"y":2026}`,
	} {
		if got := rows(q); got != want {
			t.Errorf("%s\n got %s\nwant %s", q, got, want)
		}
	}
	for _, q := range []string{
		"SELECT COUNT(Id) FROM Opportunity GROUP BY CreatedDate", "SELECT COUNT(Id) FROM Opportunity GROUP BY Amount", "SELECT COUNT(Id) FROM Opportunity GROUP BY Probability",
		"SELECT DAY_ONLY(CloseDate), COUNT(Id) FROM Opportunity GROUP BY DAY_ONLY(CloseDate)", "SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Opportunity GROUP BY DAY_ONLY(CreatedDate)",
		"SELECT CALENDAR_YEAR(CreatedDate) FROM Opportunity", "SELECT COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(Name)",
	} {
		w.api("GET", "/query?q="+strings.ReplaceAll(q, " ", "+"), "").want(400)
	}
}
