package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes r as one indented JSON object. Figures keep all their digits; unknown ones are
// null. An error of w is returned as it is; Settings that are not JSON are an error too.
func WriteJSON(w io.Writer, r Results) error {
	if len(r.Settings) > 0 && !json.Valid(r.Settings) {
		return fmt.Errorf("reports: settings are not JSON: %.40q", r.Settings)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r.normal())
}
