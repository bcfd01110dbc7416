package salesforcesim

import (
	"testing"
)

// An org with one currency shows nothing of currencies.
func TestCurrenciesAreOffAtFirst(t *testing.T) {
	w := newWire(t)
	for q, code := range map[string]string{"SELECT+CurrencyIsoCode+FROM+Account": "INVALID_FIELD", "SELECT+Id+FROM+CurrencyType": "INVALID_TYPE", "SELECT+Id+FROM+DatedConversionRate": "INVALID_TYPE"} {
		if got := w.api("GET", "/query?q="+q, "").want(400).code(); got != code {
			t.Errorf("%s: %s", q, got)
		}
	}
	w.api("GET", "/sobjects/CurrencyType/describe", "").want(404)
}

func TestSeveralCurrencies(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.SelectEntities("Opportunity"))
	old := w.create("Account", `{"Name":"before"}`)
	for _, bad := range []string{`{}`, `{"list":[{"code":"euro"}]}`} {
		w.sim("currencies", bad).want(400)
	}
	w.sim("currencies", `{"list":[{"code":"EUR","decimals":2},{"code":"JPY","rate":160}]}`).want(200)
	w.sim("currencies", `{"list":[{"code":"EUR"}]}`).want(400)
	if got := w.one("CurrencyIsoCode", "Account", "Id = '"+old+"'")["CurrencyIsoCode"]; got != "EUR" {
		t.Error(got)
	}
	deal := w.create("Opportunity", `{"Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01","Amount":100,"CurrencyIsoCode":"JPY"}`)
	w.api("PATCH", "/sobjects/Opportunity/"+deal, `{"CurrencyIsoCode":"EUR"}`).want(204)
	if got := w.one("Amount, CurrencyIsoCode", "Opportunity", "Id = '"+deal+"'"); got["Amount"] != 100.0 || got["CurrencyIsoCode"] != "EUR" {
		t.Error(got) // no amount is converted
	}
	if got := w.api("PATCH", "/sobjects/Opportunity/"+deal, `{"CurrencyIsoCode":"USD"}`).want(400).code(); got != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" {
		t.Error(got)
	}
	if got := w.one("CurrencyIsoCode", "Account", "Id = '"+w.create("Account", `{"Name":"new"}`)+"'")["CurrencyIsoCode"]; got != "EUR" {
		t.Error(got)
	}
	rows := w.query("SELECT IsoCode, ConversionRate, DecimalPlaces, IsActive, IsCorporate FROM CurrencyType ORDER BY IsoCode")
	if len(rows) != 2 || rows[0]["IsCorporate"] != true || rows[0]["ConversionRate"] != 1.0 || rows[1]["IsoCode"] != "JPY" || rows[1]["ConversionRate"] != 160.0 || rows[1]["IsCorporate"] != false {
		t.Error(rows)
	}
	w.api("GET", "/query?q=SELECT+Id+FROM+DatedConversionRate", "").want(400)
	l := w.listen(w.org.Events().Conn())
	if _, b := l.next(); b["CurrencyIsoCode"] != "JPY" {
		t.Error(b)
	}
	dated := newWire(t)
	ok(t, dated.org.EnableCurrencies(Currencies{List: []Currency{{Code: "USD"}, {Code: "EUR", Rate: 0.9}}, Dated: true}))
	if rows := dated.query("SELECT IsoCode, ConversionRate, StartDate FROM DatedConversionRate"); len(rows) != 2 || rows[1]["ConversionRate"] != 0.9 {
		t.Error(rows)
	}
}
