package cli

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"tandem/internal/certify"
	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/salesforce"
	"tandem/internal/core"
)

// exitNotRun ends certify where a check could not run.
const exitNotRun = 2

func (a *app) certify() *cobra.Command {
	var how certifyHow
	c := &cobra.Command{
		Use:   "certify",
		Short: "Compare how both services really answer with what Tandem relies on",
		Long: `Calls both services as the connection does and judges status, headers, shapes, codes,
order and time of their answers. It only reads, unless --write lets it also make
records named tandem-certify-…, which it removes again; use that with a sandbox or a
developer org and a test portal: others are refused without --production. The report holds no values, names, ids or hosts, so
it can be sent to the maintainers. Exit code 0 means no differences, 1 differences,
2 that a check could not run.`,
		Example: "  tandem certify\n  tandem certify --write --report certify.json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			c, err := a.chosen(f)
			if err != nil {
				return err
			}
			return notRun(a.runCertify(ctx, f, c, how))
		}),
	}
	c.Flags().BoolVar(&how.write, "write", false, "also make marked records and remove them again")
	c.Flags().BoolVar(&how.production, "production", false, "with --write, also where the org or the portal is in productive use")
	c.Flags().StringVar(&how.file, "report", "", "write the report as JSON to this `FILE`")
	c.Flags().StringVar(&how.developerKey, "developer-key", "", "also read the app's webhooks, with the developer API key in this `FILE`")
	return c
}

// certifyHow are certify's switches.
type certifyHow struct {
	write, production bool
	file              string
	developerKey      string // a file that holds it
}

// notRun gives an error that kept certify from running its exit code.
func notRun(err error) error {
	if err == nil {
		return nil
	}
	p := *problemOf(err)
	if !p.silent {
		p.exit = exitNotRun
	}
	return &p
}

func (a *app) runCertify(ctx context.Context, f *config.File, c config.Connection, how certifyHow) error {
	c, err := a.withStored(ctx, f, c)
	if err != nil {
		return err
	}
	k, closeStore, err := a.beside(ctx, f, &c)
	if err != nil {
		return err
	}
	defer func() { _ = closeStore() }() // each token is kept in a transaction of its own
	o, done, err := a.certifyOptions(ctx, c, k, how)
	if err != nil {
		return err
	}
	defer done()
	r, ended := certify.Run(ctx, o)
	r.Tandem = buildVersion()["version"]
	if err := a.certified(r, how.file); err != nil {
		return err
	}
	switch {
	case ended != nil:
		return &problem{Code: codeInterrupted, Message: "stopped before the end", Mend: "the next certify --write removes what may be left"}
	case r.Counts[certify.Different] > 0:
		return notDone()
	case r.Counts[certify.NotRun] > 0 || r.Left > 0:
		return &problem{exit: exitNotRun, silent: true}
	}
	return nil
}

// certifyOptions open doors to both sides with the connection's credentials and
// at its pace.
func (a *app) certifyOptions(ctx context.Context, c config.Connection, k *keeper, how certifyHow) (o certify.Options, done func(), err error) {
	grants, paced := &certify.Grants{}, newAccounts(a.now)
	sf, hs := k.configs(c, a.now)
	sf.Transport = grants.Transport(core.Salesforce, paced.salesforce(c, noStore))
	hs.Transport = grants.Transport(core.HubSpot, paced.hubspot(c, noStore))
	sides, err := connectors(sf, hs)
	if err != nil {
		return o, nil, err
	}
	if how.write && !how.production {
		if err := forTests(ctx, sides); err != nil {
			return o, nil, err
		}
	}
	left, err := certify.OpenLeftovers(leftoversFile(a.configPath, c.Name))
	if err != nil {
		return o, nil, refused(err.Error(), "mend the file, or remove the records that it names by hand and then the file")
	}
	if c.Salesforce.Events == "poll" {
		sf.PubSubAddr = ""
	}
	bus, hangUp, err := dialBus(sf.PubSubAddr)
	if err != nil {
		return o, nil, err
	}
	version := "v" + strings.TrimPrefix(orElse(c.Salesforce.APIVersion, salesforce.DefaultAPIVersion), "v")
	o = certify.Options{Grants: grants, Bus: bus, Version: version, Journal: hs.Journal != nil, Write: how.write,
		Mark: strings.ToLower(rand.Text()[:8]), Leftovers: left, Now: a.now, Wait: connector.Pause}
	if how.developerKey != "" && c.HubSpot.Events.Webhooks != nil {
		o.WebhookApp = c.HubSpot.Events.Webhooks.AppID
		if o.DeveloperKey, err = keyIn(how.developerKey); err != nil {
			return o, nil, err
		}
	}
	o.Doors[core.Salesforce] = sides[core.Salesforce].(*salesforce.Client).Raw
	o.Doors[core.HubSpot] = sides[core.HubSpot].(*hubspot.Client).Raw
	return o, func() { hangUp(); (&wired{sides: sides}).close() }, nil
}

// keyIn reads a key from a file of its own.
func keyIn(file string) (string, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return "", refused(err.Error(), "name a file that holds the developer API key and nothing else")
	}
	return strings.TrimSpace(string(body)), nil
}

// dialBus connects to the Pub/Sub API as the connection does: by TLS, or in plain text
// where the address begins with http://. Without an address there is none.
func dialBus(address string) (bus grpc.ClientConnInterface, hangUp func(), err error) {
	if address == "" {
		return nil, func() {}, nil
	}
	security := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	host, plain := strings.CutPrefix(address, "http://")
	if plain {
		security = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient(strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/"), grpc.WithTransportCredentials(security))
	if err != nil {
		return nil, nil, refused("the event bus cannot be dialled: "+err.Error(), "set salesforce.pubsub to host:port")
	}
	return conn, func() { _ = conn.Close() }, nil
}

// forTests refuses an org or a portal in which people work: records would be made
// there, and automation would react to them.
func forTests(ctx context.Context, sides [2]connector.Connector) error {
	for _, side := range core.Sides {
		id, err := sides[side].Identity(ctx)
		if err != nil {
			return err
		}
		if !id.Sandbox && id.Edition != "Developer Edition" {
			return refused(fmt.Sprintf("%s %s is no sandbox, developer or test account, and --write makes records in it", accountWord(side), id.ID),
				"use the credentials of a sandbox or a test account, or add --production")
		}
	}
	return nil
}

// leftoversFile stands beside the settings, one for each connection.
func leftoversFile(settings, connection string) string {
	return filepath.Join(filepath.Dir(settings), "tandem-certify-"+connection+".json")
}

// certified prints the report, and writes it where that is asked for.
func (a *app) certified(r certify.Report, file string) error {
	if file != "" {
		body, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(file, append(body, '\n'), 0o600)
		}
		if err != nil {
			return fmt.Errorf("write report %s: %w", file, err)
		}
	}
	if a.json {
		return a.printJSON(r)
	}
	a.printed.clear()
	r.Print(a.Out)
	return nil
}
