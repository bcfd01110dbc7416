package metrics

import "github.com/prometheus/client_golang/prometheus"

// metric is a gauge by its name.
type metric struct{ desc *prometheus.Desc }

// described are all metrics, in the order in which they are declared.
var described []metric

func gauge(name, help string, labels ...string) metric {
	m := metric{prometheus.NewDesc("tandem_"+name, help, append([]string{"connection"}, labels...), nil)}
	described = append(described, m)
	return m
}

var (
	up           = gauge("up", "1 where the state of the connection can be told.")
	paused       = gauge("paused", "1 while the connection is paused, by a person or by its settings.")
	suspended    = gauge("suspended", "1 while the connection is suspended: a side refuses its credentials or its calls.")
	disconnected = gauge("disconnected", "1 once the connection was ended.")
	held         = gauge("held_back", "Object pairs that are switched on and do not sync, because something that they need is missing.")
	problems     = gauge("mapping_problems", "Field mappings that do not work as they are set.")
	sweptAge     = gauge("sweep_age_seconds", "Seconds since all records were last compared with what is known of them.")
	brake        = gauge("brake", "1 for each brake that is pulled.", "kind")
	issues       = gauge("issues", "Open issues.", "object", "category")
	links        = gauge("links", "Linked pairs of records.", "object", "state")

	due        = gauge("records_due", "Records that are to be looked at now.", "object")
	waiting    = gauge("records_waiting", "Records that are to be looked at later.", "object")
	late       = gauge("records_late", "Waiting records that could not be worked on for a passing reason.", "object")
	lagSeconds = gauge("lag_seconds", "Seconds for which the oldest due record has been waiting, 0 where none is due.", "object")

	feed      = gauge("feed", "1 for the way in which a side tells of changes.", "side", "feed")
	covered   = gauge("covered_age_seconds", "Seconds since the moment up to which a side's changes are known.", "side")
	ourCalls  = gauge("api_calls", "Calls that Tandem has sent within the side's window.", "side")
	callShare = gauge("api_calls_share", "Calls that the settings allot to Tandem within the side's window; absent where nothing is allotted.", "side")
	calls     = gauge("api_calls_all", "Calls of everybody within the side's window, as the side tells.", "side")
	callLimit = gauge("api_calls_limit", "Calls that the side allows within its window, as the side tells.", "side")
)
