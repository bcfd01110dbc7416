package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tandem/internal/connector"
	"tandem/internal/connector/salesforce/eventbus"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// hearing is a Listen under way in a bubble of synthetic time.
type hearing struct {
	t        *testing.T
	got      []connector.Events
	position string
	err      error
	fail     error // returned by emit
	stop     context.CancelFunc
}

// hear listens from a position and waits until the subscription stands.
func hear(t *testing.T, c *Client, position string) *hearing {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hearing{t: t, stop: cancel, position: position}
	go func() {
		h.err = c.Listen(ctx, position, func(_ context.Context, e connector.Events) error {
			if h.fail == nil {
				h.got, h.position = append(h.got, e), e.Position
			}
			return h.fail
		})
	}()
	synctest.Wait()
	return h
}

// events are all heard so far, as "kind object name-or-id".
func (h *hearing) events() []string {
	synctest.Wait()
	var out []string
	for _, d := range h.got {
		for _, e := range d.Events {
			out = append(out, fmt.Sprintf("%s %s", e.Kind, e.Ref.ID))
		}
	}
	return out
}

// end stops listening and gives its error.
func (h *hearing) end() error {
	h.stop()
	synctest.Wait()
	return h.err
}

// bubbled is a simulated org that announces accounts and contacts, inside a
// bubble.
func bubbled(t *testing.T, change ...func(*Config)) (*salesforcesim.Org, *Client) {
	t.Helper()
	org := salesforcesim.New(salesforcesim.Options{Seed: 7})
	if err := org.SelectEntities("Account", "Contact"); err != nil {
		t.Fatal(err)
	}
	return org, clientOf(t, org, append([]func(*Config){func(c *Config) { c.Now = time.Now }}, change...)...)
}

func account(org *salesforcesim.Org, name string) string {
	return must(org.As("admin").Create("Account", map[string]any{"Name": name}))
}

func TestListenAnnouncesChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		before := account(org, "before")
		h := hear(t, c, "")
		a := account(org, "A")
		admin := org.As("admin")
		for _, err := range []error{admin.Update("Account", a, map[string]any{"Phone": "1", "BillingCity": "Bonn"}), admin.Delete("Account", a), admin.Undelete("Account", a)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		out := must(c.Write(context.Background(), []core.Op{{Key: "u", Kind: core.OpUpdate, Target: core.Ref{Object: core.Account, ID: before}, Fields: map[string]string{"Phone": "2"}}}))
		if out[0].Status != core.Applied {
			t.Fatalf("outcome %+v", out[0])
		}
		want := []string{"create " + a, "update " + a, "delete " + a, "undelete " + a, "update " + before}
		if got := h.events(); !slices.Equal(got, want) {
			t.Fatalf("heard %v, want %v", got, want)
		}
		var all []connector.Event
		for _, d := range h.got {
			all = append(all, d.Events...)
		}
		if ch := all[1].Changed; ch["Phone"] != "1" || ch["BillingCity"] != "Bonn" || ch["BillingStreet"] != "" || len(ch) > 4 {
			t.Errorf("the update changed %v", ch)
		}
		if all[0].Changed["Name"] != "A" || all[2].Changed != nil || all[0].Own || !all[4].Own || all[0].At.IsZero() {
			t.Errorf("events %+v", all)
		}
		if err := h.end(); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

// A position stands for what was stored: what came after it comes again, what
// came before does not.
func TestListenResumesBehindThePosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		account(org, "first")
		h.events()
		h.fail = errors.New("store is down")
		second := account(org, "second")
		synctest.Wait()
		if !errors.Is(h.err, h.fail) {
			t.Fatalf("ended with %v, want emit's error", h.err)
		}
		third := account(org, "third")
		again := hear(t, c, h.position)
		if got, want := again.events(), []string{"create " + second, "create " + third}; !slices.Equal(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
		again.stop()
	})
}

func TestListenKeepsAPositionWhenNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		time.Sleep(280 * time.Second)
		if len(h.events()) > 0 || h.position == "" {
			t.Fatalf("after five minutes: events %v, position %q", h.events(), h.position)
		}
		if err := h.end(); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		a := account(org, "while away")
		again := hear(t, c, h.position)
		if got := again.events(); !slices.Equal(got, []string{"create " + a}) {
			t.Errorf("heard %v", got)
		}
		again.stop()
	})
}

func TestListenSaysWhenThePositionIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		account(org, "A")
		h.events()
		h.stop()
		synctest.Wait()
		time.Sleep(96 * time.Hour)
		account(org, "B")
		for name, position := range map[string]string{"expired": h.position, "foreign": `{"/data/ChangeEvents":"AAAAAAAAAAE="}`, "garbage": "]"} {
			late := hear(t, c, position)
			synctest.Wait()
			if wantCode(t, late.err, connector.CodePositionLost); len(late.got) > 0 {
				t.Errorf("%s: heard %v", name, late.got)
			}
		}
	})
}

func TestListenTakesManyEventsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		var want []string
		for i := range 1000 {
			want = append(want, "create "+account(org, fmt.Sprint(i)))
		}
		if got := h.events(); !slices.Equal(got, want) {
			t.Errorf("heard %d events, want %d in order; the feed: %v", len(got), len(want), h.err)
		}
		h.stop()
	})
}

func TestListenPassesGapsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		if err := org.AddFault(salesforcesim.Fault{Do: "gap_event", Times: 1}); err != nil {
			t.Fatal(err)
		}
		a := account(org, "A")
		if got := h.events(); !slices.Equal(got, []string{"gap " + a}) {
			t.Errorf("heard %v", got)
		}
		h.stop()
	})
}

func TestListenEndsWithABrokenStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		h := hear(t, c, "")
		org.Events().Disconnect()
		synctest.Wait()
		if e := wantCode(t, h.err, "service.unavailable"); e.Class != core.ClassTransient || e.RetryAt.IsZero() {
			t.Errorf("error %+v", e)
		}
	})
}

// A session that ended is renewed before anything was heard; the feed does not
// break because of it.
func TestListenRenewsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t)
		must(c.Identity(context.Background()))
		org.ExpireSessions()
		h := hear(t, c, `{}`)
		a := account(org, "A")
		if got := h.events(); !slices.Equal(got, []string{"create " + a}) {
			t.Errorf("heard %v, %v", got, h.err)
		}
		h.stop()
	})
}

// secretive hides from the user which objects are selected.
func secretive(cfg *Config) {
	base := cfg.Transport
	cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/tooling/query") {
			w := httptest.NewRecorder()
			answerJSON(w, 403, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"insufficient access rights"}]`)
			return w.Result(), nil
		}
		return base.RoundTrip(r)
	})
}

// Where the position or the user's rights demand it, each object is followed by
// itself. An object that was added since the position was stored is swept for.
func TestListenFollowsEachObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t, secretive, func(cfg *Config) { cfg.Events = []core.Object{core.Account} })
		h := hear(t, c, "")
		a := account(org, "A")
		must(org.As("admin").Create("Contact", map[string]any{"LastName": "unheard"}))
		if got := h.events(); !slices.Equal(got, []string{"create " + a}) {
			t.Fatalf("heard %v", got)
		}
		h.stop()
		synctest.Wait()
		c.cfg.Events = []core.Object{core.Account, core.Contact}
		more := hear(t, c, h.position)
		b := account(org, "B")
		more.events()
		p := must(org.As("admin").Create("Contact", map[string]any{"LastName": "heard"}))
		if got, want := more.events(), []string{"overflow ", "create " + b, "create " + p}; !slices.Equal(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
		if o := more.got[0].Events[0].Ref.Object; o != core.Contact {
			t.Errorf("swept for %s, want Contact", o)
		}
		if at := must(parsePlace(more.position)); len(at) != 2 {
			t.Errorf("position %s, want both topics", more.position)
		}
		more.stop()
	})
}

// denied refuses the first subscription, as the channel of all objects is
// refused to a user without View All Data.
type denied struct {
	grpc.ClientConnInterface
	times atomic.Int64
}

func (d *denied) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if d.times.Add(1) == 1 {
		return nil, status.Error(codes.PermissionDenied, "no access to the topic")
	}
	return d.ClientConnInterface.NewStream(ctx, desc, method, opts...)
}

// slowUp is an event bus whose streams take requests from their client at
// once and pass them on only when told to.
type slowUp struct {
	grpc.ClientConnInterface
	stream *slowStream
}

func (s *slowUp) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	inner, err := s.ClientConnInterface.NewStream(ctx, desc, method, opts...)
	s.stream = &slowStream{ClientStream: inner}
	return s.stream, err
}

type slowStream struct {
	grpc.ClientStream
	held []*eventbus.FetchRequest
}

func (s *slowStream) SendMsg(m any) error {
	if req := m.(*eventbus.FetchRequest); req.ReplayId == nil && s.held != nil {
		s.held = append(s.held, req)
		return nil
	}
	s.held = []*eventbus.FetchRequest{}
	return s.ClientStream.SendMsg(m)
}

// A request that the bus has not taken yet counts: a client that asks again
// with each answer meanwhile fills the stream upwards while the bus fills it
// downwards, and both wait for ever.
func TestListenAsksForAHundredEventsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowUp{}
		org, c := bubbled(t, func(cfg *Config) { slow.ClientConnInterface, cfg.PubSub = cfg.PubSub, slow })
		h := hear(t, c, "")
		defer h.stop()
		var want []string
		for i := range 250 {
			want = append(want, "create "+account(org, fmt.Sprint(i)))
			synctest.Wait() // one event an answer
		}
		if got := h.events(); len(got) != maxRequested {
			t.Fatalf("heard %d events of a bus that has taken one request", len(got))
		}
		for len(h.events()) < len(want) {
			if n := len(slow.stream.held); n != 1 {
				t.Fatalf("%d requests under way after %d events, want 1; the feed: %v", n, len(h.got), h.err)
			}
			next := slow.stream.held[0]
			slow.stream.held = slow.stream.held[:0]
			if err := slow.stream.ClientStream.SendMsg(next); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.events(); !slices.Equal(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
	})
}

func TestINST3_ListenNeedsNoViewAllData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c := bubbled(t, func(cfg *Config) { cfg.PubSub = &denied{ClientConnInterface: cfg.PubSub} })
		h := hear(t, c, "")
		a := account(org, "A")
		if got := h.events(); !slices.Equal(got, []string{"create " + a}) {
			t.Errorf("heard %v, %v", got, h.err)
		}
		if at := must(parsePlace(h.position)); at["/data/AccountChangeEvent"] == nil {
			t.Errorf("position %s, want the account's own topic", h.position)
		}
		h.stop()
	})
}

func TestListenWithoutABusIsUnsupported(t *testing.T) {
	err := client(t, newWire(t)).Listen(context.Background(), "", nil)
	wantCode(t, err, connector.CodeUnsupported)
}

func TestSelectEntitiesReportsWhatIsLeft(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	if err := org.SelectEntities("Account", "Opportunity", "Task"); err != nil {
		t.Fatal(err)
	}
	got := must(c.SelectEntities(ctx, []core.Object{core.Account, core.Contact, core.Lead, "Event"}))
	var states []string
	for _, s := range got {
		states = append(states, s.State)
	}
	if want := []string{statePresent, stateCreated, stateCreated, stateMissing}; !slices.Equal(states, want) {
		t.Errorf("states %+v, want %v", got, want)
	}
	if got[3].Message == "" {
		t.Error("no message says what to do")
	}
	if m := got[3].Message; !strings.Contains(m, "let Event be polled") || !strings.Contains(m, "LIMIT_EXCEEDED") {
		t.Errorf("of an object that there is no place for: %s", m)
	}
	if selected := must(c.Selected(ctx)); !slices.Equal(selected, []core.Object{core.Account, core.Contact, core.Lead, "Opportunity", "Task"}) {
		t.Errorf("selected %v", selected)
	}
}

// Over a real socket the same events come, with the port's own credentials.
func TestListenOverLoopback(t *testing.T) {
	org := salesforcesim.New(salesforcesim.Options{Seed: 7})
	if err := org.SelectEntities("Account"); err != nil {
		t.Fatal(err)
	}
	socket := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() { _ = org.GRPC().Serve(socket) }()
	t.Cleanup(org.GRPC().Stop)
	web := &http.Server{Handler: org}
	webSocket := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() { _ = web.Serve(webSocket) }()
	t.Cleanup(func() { _ = web.Close() })
	c := clientOf(t, org, func(cfg *Config) {
		cfg.LoginURL, cfg.Transport, cfg.PubSub, cfg.PubSubAddr, cfg.Now = "http://"+webSocket.Addr().String(), nil, nil, "http://"+socket.Addr().String(), time.Now
	})
	t.Cleanup(func() { _ = c.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	heard := errors.New("heard")
	go func() {
		for ctx.Err() == nil { // the subscription stands at some moment; what is edited then is heard
			account(org, "A")
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	err := c.Listen(ctx, "", func(_ context.Context, e connector.Events) error {
		if len(e.Events) > 0 && e.Events[0].Kind == connector.EventCreate {
			return heard
		}
		return nil
	})
	if !errors.Is(err, heard) {
		t.Errorf("ended with %v", err)
	}
}

// A stored position that is no list of places is refused: it cannot be followed.
func TestAPositionThatIsNoListIsLost(t *testing.T) {
	_, err := parsePlace("null")
	wantCode(t, err, connector.CodePositionLost)
}
