package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/core"
)

// initFlags are the answers that scripts give as flags.
type initFlags struct {
	name, loginURL, clientID, secretEnv       string
	tokenEnv, baseURL, pubsub                 string
	hubspotClientID, hubspotSecretEnv         string
	store, redirect                           string
	yes, force, browser, noFields, pollEvents bool
	fields                                    bool
}

func (a *app) init() *cobra.Command {
	f := &initFlags{}
	c := &cobra.Command{
		Use:   "init",
		Short: "Connect both sides and write the first settings",
		Long: `Asks for what it needs (or takes it from flags), reaches both sides, checks them,
creates the few fields that Tandem needs after you said yes, and writes settings with
the default mappings. Company sync and contact sync stay off in them: look at the
mappings first, then switch them on.

With --fields it creates what the settings that are there need, as after contact sync
was switched on in them, and changes no settings.

Secrets are named by environment variables and not written to the settings file. With
--browser you sign in to Salesforce, and to HubSpot where --hubspot-client-id is given,
in the browser; the refresh token that this gives is written, and only you may read
the file.`,
		Example: `  tandem init
  export SALESFORCE_CLIENT_SECRET=... HUBSPOT_TOKEN=...
  tandem init --yes --salesforce-login-url https://acme.my.salesforce.com --client-id 3MVG9...`,
		Args: cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error { return a.runInit(ctx, f) }),
	}
	fl := c.Flags()
	fl.StringVar(&f.name, "name", "main", "`NAME` of the connection")
	fl.StringVar(&f.loginURL, "salesforce-login-url", "", "the org's My Domain, or a login host with --browser (`URL`)")
	fl.StringVar(&f.clientID, "client-id", "", "client `ID` of the Salesforce external client app")
	fl.StringVar(&f.secretEnv, "client-secret-env", "SALESFORCE_CLIENT_SECRET", "environment `VARIABLE` with its secret")
	fl.StringVar(&f.tokenEnv, "hubspot-token-env", "HUBSPOT_TOKEN", "environment `VARIABLE` with HubSpot's private-app token")
	fl.StringVar(&f.hubspotClientID, "hubspot-client-id", "", "client `ID` of a HubSpot app, for --browser")
	fl.StringVar(&f.hubspotSecretEnv, "hubspot-client-secret-env", "HUBSPOT_CLIENT_SECRET", "environment `VARIABLE` with its secret")
	fl.StringVar(&f.baseURL, "hubspot-base-url", "", "another address of HubSpot's API (`URL`)")
	fl.StringVar(&f.pubsub, "salesforce-pubsub", "", "another `ADDRESS` of the Pub/Sub API")
	fl.StringVar(&f.store, "store", "sqlite://tandem.db", "`ADDRESS` of the store")
	fl.BoolVar(&f.browser, "browser", false, "sign in to Salesforce (and HubSpot) in the browser")
	fl.StringVar(&f.redirect, "redirect", "localhost:8481", "`ADDRESS` that the browser comes back to; register http://ADDRESS/callback with the app")
	fl.BoolVar(&f.pollEvents, "poll", false, "poll both sides instead of following change events")
	fl.BoolVar(&f.noFields, "no-fields", false, "create no fields; tandem check says what an admin has to create")
	fl.BoolVar(&f.fields, "fields", false, "only create the fields that the settings need, and change no settings")
	fl.BoolVar(&f.yes, "yes", false, "do not ask: create the fields and write the settings")
	fl.BoolVar(&f.force, "force", false, "overwrite the settings file")
	c.MarkFlagsMutuallyExclusive("fields", "no-fields")
	c.MarkFlagsMutuallyExclusive("fields", "force")
	return c
}

func (a *app) runInit(ctx context.Context, f *initFlags) error {
	if f.fields {
		return a.initFields(ctx, f)
	}
	if _, err := os.Stat(a.configPath); err == nil && !f.force {
		return refused(a.configPath+" exists already", "name another file with --config, or overwrite it with --force")
	}
	if err := a.ask(ctx, f); err != nil {
		return err
	}
	file, resolved, err := a.credentials(ctx, f)
	if err != nil {
		return err
	}
	p, err := a.reach(ctx, resolved, nil)
	if err != nil {
		return err
	}
	defer p.close()
	a.note("Salesforce: org %s, %s, as %s", p.accounts[core.Salesforce].ID, p.accounts[core.Salesforce].Edition, p.accounts[core.Salesforce].Username)
	a.note("HubSpot: portal %s", p.accounts[core.HubSpot].ID)
	findings, err := a.initSides(ctx, f, p)
	if err != nil {
		return err
	}
	c := &file.Connections[0]
	c.Salesforce.OrgID, c.HubSpot.PortalID = p.accounts[core.Salesforce].ID, p.accounts[core.HubSpot].ID
	if c.Mappings, err = p.proposeMappings(ctx); err != nil {
		return err
	}
	if p.strangers {
		findings = append(findings, "No owner of HubSpot has the e-mail address of a user of Salesforce, so owners are not mapped. To have them sync, use the same addresses or pair users under owners.map, and map OwnerId to hubspot_owner_id (docs/operations.md).")
	}
	p.latest(c)
	if err := writeSettings(file, a.configPath); err != nil {
		return err
	}
	return a.initDone(c, findings)
}

// announceFields lists all that is created where it is missing, by object.
func (a *app) announceFields(p *preparer) {
	a.note("Tandem needs these fields of its own; nothing else is created but access to them for the integration user in Salesforce, and their group of properties in HubSpot:")
	for _, side := range core.Sides {
		for _, need := range p.specs(side) {
			a.note("  %s %s", side.Label(), p.pairs().Title(need.Object))
			for _, s := range need.All() {
				a.note("    %s: %s", s.Name, s.Description)
			}
		}
	}
}

// initSides creates the fields, with consent, and selects the change events. It
// returns what is left for an admin to do.
func (a *app) initSides(ctx context.Context, f *initFlags, p *preparer) ([]string, error) {
	a.announceFields(p)
	if !f.yes && !f.noFields && !a.asks() {
		return nil, usage("whether to create the fields cannot be asked here", "add --yes to create them, or --no-fields to leave them to an admin")
	}
	yes, err := f.yes, error(nil)
	if !yes && !f.noFields {
		yes, err = a.confirm(ctx, "Create the fields that are missing?")
	}
	if err != nil {
		return nil, err
	}
	if f.noFields || !yes {
		return []string{"the fields were not created; tandem check says what an admin has to do"}, nil
	}
	return p.make(ctx, !f.pollEvents, func(r fieldResult) {
		a.note("  %s %s.%s: %s", r.side.Label(), p.pairs().Title(r.object), r.Name, r.State)
	})
}

func (a *app) initDone(c *config.Connection, left []string) error {
	if a.json {
		return a.printJSON(map[string]any{"settings": a.configPath, "mappings": len(c.Mappings[string(core.CompanyPair)]), "people_mappings": len(c.Mappings[string(core.ContactPair)]), "to_do": left})
	}
	for _, l := range left {
		a.printf("To do: %s\n", l)
	}
	a.printf("Wrote %s with %d company mappings and %d of people. Next:\n  look at the mappings in it, set companies.sync: true,\n  tandem check, tandem plan company, tandem import company, tandem serve\n",
		a.configPath, len(c.Mappings[string(core.CompanyPair)]), len(c.Mappings[string(core.ContactPair)]))
	return nil
}

// initFields creates the fields that the settings of a connection need.
func (a *app) initFields(ctx context.Context, f *initFlags) error {
	file, err := a.load()
	if err != nil {
		return err
	}
	c, err := a.chosen(file)
	if err != nil {
		return err
	}
	in, err := a.edited(ctx, file, c) // what was applied may ask for more than the file
	if err != nil {
		return err
	}
	c = in.settings
	k, done, err := a.beside(ctx, file, &c)
	if err != nil {
		return err
	}
	p, err := a.reach(ctx, c, k)
	if err != nil {
		return errors.Join(err, done())
	}
	defer func() { p.close(); _ = done() }() // each token is kept in a transaction of its own
	f.pollEvents = c.Salesforce.Events == "poll"
	left, err := a.initSides(ctx, f, p)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"settings": a.configPath, "to_do": left})
	}
	for _, l := range left {
		a.printf("To do: %s\n", l)
	}
	a.printf("The settings in %s were not changed. Next: tandem check, then tandem settings apply\n", a.configPath)
	return nil
}

// ask fills in what flags left open, on a terminal.
func (a *app) ask(ctx context.Context, f *initFlags) error {
	for _, q := range []struct {
		to   *string
		text string
		flag string
	}{
		{&f.loginURL, "Salesforce My Domain (https://….my.salesforce.com): ", "--salesforce-login-url"},
		{&f.clientID, "Client id of the external client app: ", "--client-id"},
	} {
		if *q.to != "" {
			continue
		}
		if !a.asks() {
			return usage(q.flag+" is missing", "give it, or run tandem init on a terminal")
		}
		var err error
		if *q.to, err = a.prompt(ctx, q.text); ctx.Err() != nil {
			return err
		}
		if err != nil || *q.to == "" {
			return usage(q.flag+" is missing", "give it, or answer the question")
		}
	}
	if !strings.Contains(f.loginURL, "://") {
		f.loginURL = "https://" + f.loginURL
	}
	return nil
}

// credentials make the settings as they will be written, with secrets by the
// names of their variables, and the same with the secrets themselves.
func (a *app) credentials(ctx context.Context, f *initFlags) (*config.File, config.Connection, error) {
	c := config.Connection{Name: f.name}
	c.Salesforce = config.Salesforce{LoginURL: f.loginURL, PubSub: f.pubsub}
	c.HubSpot = config.HubSpot{BaseURL: f.baseURL}
	if f.pollEvents {
		c.Salesforce.Events, c.HubSpot.Events.Poll = "poll", true
	}
	file := &config.File{Store: f.store, Listen: "127.0.0.1:8480"}
	if f.browser {
		file.SecretsKey = "${TANDEM_SECRETS_KEY}"
		if err := a.signIn(ctx, f, &c); err != nil {
			return nil, c, err
		}
	} else {
		c.Salesforce.Auth.ClientCredentials = &config.ClientCredentials{ClientID: f.clientID, ClientSecret: variable(f.secretEnv)}
	}
	if c.HubSpot.Auth.OAuth == nil {
		c.HubSpot.Auth.StaticToken = variable(f.tokenEnv)
	}
	c.Complete()
	file.Connections = []config.Connection{c}
	text, err := config.Text(file)
	if err != nil {
		return nil, c, err
	}
	read, err := config.Parse(text, a.env)
	if err != nil {
		return nil, c, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	return file, read.Connections[0], nil
}

func variable(name string) config.Secret { return config.Secret("${" + name + "}") }
