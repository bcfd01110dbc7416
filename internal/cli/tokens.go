package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/console"
	"tandem/internal/store"
)

func (a *app) token() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Make, list and end the tokens by which programs use the API",
		Example: "  tandem token create reporting\n  tandem token list",
		Long: `A program uses the JSON API of tandem serve, which /api/v1/openapi.json describes, by a
token: Authorization: Bearer TOKEN. It may do what the role may do: a viewer sees, an
operator acts on records and runs, an admin does all. The console makes tokens too,
under Users.`,
	}
	var role string
	create := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a token and print it, once",
		Example: "  tandem token create reporting\n  tandem token create nightly-import --role operator",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.createToken(ctx, args[0], role) })
		}),
	}
	create.Flags().StringVar(&role, "role", store.Viewer.String(), "viewer, operator or admin")
	cmd.AddCommand(create, &cobra.Command{
		Use:     "list",
		Short:   "List the tokens, without what they are",
		Example: "  tandem token list --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.listTokens(ctx) })
		}),
	}, &cobra.Command{
		Use:     "end NAME",
		Short:   "End a token at once",
		Example: "  tandem token end reporting",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.endToken(ctx, args[0]) })
		}),
	})
	return cmd
}

// tokenRow is a token as the list shows it.
type tokenRow struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Token   string    `json:"token,omitempty"` // when it was just made
	Created time.Time `json:"created,omitzero"`
	Used    time.Time `json:"used,omitzero"`
}

func (s *session) createToken(ctx context.Context, name, role string) error {
	row := tokenRow{Name: name, Role: role}
	err := s.store().Update(ctx, func(tx *store.Tx) (err error) {
		row.Token, err = console.MakeToken(tx, actor(), name, role)
		return err
	})
	if t, own := console.Refused(err); own {
		return usage(t.Message, t.Mend)
	}
	if err != nil {
		return tokenProblem(err)
	}
	if s.app.json {
		return s.app.printJSON(row)
	}
	s.app.printf("%s\n", row.Token)
	return nil
}

func (s *session) listTokens(ctx context.Context) error {
	var all []store.Token
	if err := s.store().View(ctx, func(tx *store.Tx) (err error) { all, err = tx.Tokens(); return err }); err != nil {
		return err
	}
	var cells [][]string
	for _, k := range all {
		if s.app.json {
			if err := s.app.printJSON(tokenRow{Name: k.Name, Role: k.Role.String(), Created: k.Created, Used: k.Used}); err != nil {
				return err
			}
		}
		cells = append(cells, []string{k.Name, k.Role.String(), when(k.Created), used(k.Used)})
	}
	if !s.app.json {
		s.app.printed.table([]string{"Name", "Role", "Created", "Last used"}, cells)
	}
	return nil
}

func (s *session) endToken(ctx context.Context, name string) error {
	err := s.store().Update(ctx, func(tx *store.Tx) error { return console.EndToken(tx, actor(), name) })
	if err != nil {
		return tokenProblem(err)
	}
	s.app.printf("Token %s is ended.\n", name)
	return nil
}

// tokenProblem tells of a name that is taken, or that nothing has.
func tokenProblem(err error) error {
	var own *store.Error
	if code := store.CodeOf(err); errors.As(err, &own) && (code == store.NotFound || code == store.Invalid) {
		return usage(own.Message, "tandem token list lists all tokens")
	}
	return err
}

func used(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return when(at)
}
