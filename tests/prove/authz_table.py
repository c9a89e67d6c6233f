"""Who may do what, written down a second time: nothing here is read from the product.

Whoever adds a route writes here what it takes; the suite fails until they do.
"""

from __future__ import annotations

EVERYBODY = "owner admin developer billing viewer"
BUILDERS = "owner admin developer"
LEADERS = "owner admin"
OWNERS = "owner"

ROLES: dict[str, str] = {
    "team.read": EVERYBODY,
    "member.read": EVERYBODY,
    "project.read": EVERYBODY,
    "deployment.read": EVERYBODY,
    "key.create": BUILDERS,
    "key.read": BUILDERS,
    "key.delete": BUILDERS,
    "project.create": BUILDERS,
    "project.update": BUILDERS,
    "deployment.create": BUILDERS,
    "deployment.cancel": BUILDERS,
    "deployment.promote": BUILDERS,
    "env.read": BUILDERS,
    "env.write": BUILDERS,
    "policy.read": BUILDERS,
    "team.update": LEADERS,
    "member.manage": LEADERS,
    "key.manage": LEADERS,
    "project.delete": LEADERS,
    "policy.manage": LEADERS,
    "audit.read": LEADERS,
    "audit.manage": LEADERS,
    "sso.read": LEADERS,
    "team.delete": OWNERS,
    "team.transfer": OWNERS,
    "sso.manage": OWNERS,
}
"""Permission -> the roles in a team that have it."""

DEPLOY_KEY = frozenset(
    {"project.read", "deployment.read", "deployment.create"}
    | {"deployment.cancel", "deployment.promote"}
)
"""What a deploy key may do, in its one project."""

GUEST = DEPLOY_KEY | {"project.update", "env.read", "env.write", "member.read"}
"""What somebody may do who is a developer in one project and not in its team."""

PUBLIC = "public"  # no sign-in
PERSON = "person"  # somebody in a session, about themselves
ANYBODY = "anybody"  # whoever is signed in, machines too
ADMIN = "admin"  # those who run the installation
RUNNER = "runner"  # a build, and nobody else

TABLE: dict[str, str] = {
    **dict.fromkeys(
        (
            "GET /v1/meta",
            "GET /v1/health",
            "GET /v1/openapi.json",
            "GET /v1/auth/jwks.json",
            "GET /v1/attestation-keys",
            "GET /v1/auth/providers",
            "GET /v1/auth/callback",
            "GET /v1/auth/callback/{team}",
            "POST /v1/auth/login",
            "POST /v1/auth/refresh",
            "POST /v1/auth/mfa",
            "POST /v1/auth/passkey",
            "POST /v1/auth/passkey/options",
            "POST /v1/auth/sign-up",
            "POST /v1/auth/verify",
            "POST /v1/auth/verify/resend",
            "POST /v1/auth/reset",
            "POST /v1/auth/reset/confirm",
            "POST /v1/auth/providers/{provider}/start",
            "POST /v1/auth/exchange",
            "POST /v1/auth/device",
            "POST /v1/auth/device/token",
            "POST /v1/auth/sso/start",
            "POST /v1/auth/saml/acs",
            "POST /v1/access-requests",
            "POST /v1/invitations/look",
            "POST /v1/hooks/git",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "GET /v1/me/factors",
            "POST /v1/me/factors/totp",
            "POST /v1/me/factors/totp/confirm",
            "POST /v1/me/factors/passkeys",
            "POST /v1/me/factors/passkeys/options",
            "POST /v1/me/factors/recovery-codes",
            "DELETE /v1/me/factors/{factor}",
            "GET /v1/me/sessions",
            "DELETE /v1/me/sessions",
            "DELETE /v1/me/sessions/{session}",
            "POST /v1/auth/step-up",
            "POST /v1/auth/step-up/options",
            "GET /v1/me/identities",
            "POST /v1/me/identities/{provider}",
            "POST /v1/me/identities/{provider}/start",
            "DELETE /v1/me/identities/{provider}",
            "GET /v1/me/device/{user_code}",
            "POST /v1/me/device/{user_code}/approve",
            "POST /v1/me/device/{user_code}/deny",
            "PATCH /v1/me",
            "PUT /v1/me/password",
            "POST /v1/me/email",
            "POST /v1/teams",
            "POST /v1/invitations/accept",
        ),
        PERSON,
    ),
    **dict.fromkeys(
        (
            "GET /v1/me",
            "GET /v1/me/projects",
            "POST /v1/auth/logout",
            "POST /v1/frameworks/detect",
        ),
        ANYBODY,
    ),
    **dict.fromkeys(
        (
            "GET /v1/admin/users",
            "GET /v1/admin/users/{user}",
            "POST /v1/admin/users/{user}/suspend",
            "POST /v1/admin/users/{user}/restore",
            "POST /v1/admin/users/{user}/clear-factors",
            "PUT /v1/admin/users/{user}/admin",
            "GET /v1/admin/teams",
            "PATCH /v1/admin/teams/{team}",
            "POST /v1/admin/teams/{team}/suspend",
            "POST /v1/admin/teams/{team}/restore",
            "PUT /v1/admin/teams/{team}/sso",
            "DELETE /v1/admin/domains/{domain}",
            "GET /v1/admin/access-requests",
            "POST /v1/admin/access-requests/{request}/approve",
            "POST /v1/admin/access-requests/{request}/reject",
            "GET /v1/admin/settings",
            "PATCH /v1/admin/settings",
            "GET /v1/admin/providers/{provider}",
            "PUT /v1/admin/providers/{provider}",
            "DELETE /v1/admin/providers/{provider}",
            "GET /v1/admin/advisories",
            "POST /v1/admin/advisories",
            "POST /v1/admin/advisories/import",
            "GET /v1/admin/audit",
            "GET /v1/admin/audit/verify",
        ),
        ADMIN,
    ),
    **{
        f"POST /v1/runner/{call}": RUNNER
        for call in [
            "claim",
            "logs",
            "source",
            "plan",
            "missing",
            "cache",
            "cache_saved",
            "complete",
            "fail",
        ]
    },
    # the team
    "GET /v1/teams": "team.read",
    "GET /v1/teams/{team}": "team.read",
    "PATCH /v1/teams/{team}": "team.update",
    "DELETE /v1/teams/{team}": "team.delete",
    "POST /v1/teams/{team}/transfer": "team.transfer",
    "GET /v1/teams/{team}/members": "member.read",
    "PATCH /v1/teams/{team}/members/{user}": "member.manage",
    "DELETE /v1/teams/{team}/members/{user}": "member.manage",
    "POST /v1/teams/{team}/invitations": "member.manage",
    "GET /v1/teams/{team}/invitations": "member.manage",
    "DELETE /v1/teams/{team}/invitations/{invitation}": "member.manage",
    "POST /v1/keys": "key.create",
    "GET /v1/keys": "key.read",
    "DELETE /v1/keys/{key_id}": "key.manage",  # it is the owner's
    "GET /v1/teams/{team}/policies": "policy.read",
    "PUT /v1/teams/{team}/policies/{policy}": "policy.manage",
    "DELETE /v1/teams/{team}/policies/{policy}": "policy.manage",
    "POST /v1/policies/simulate": "policy.read",
    "GET /v1/teams/{team}/audit": "audit.read",
    "GET /v1/teams/{team}/activity": "audit.read",
    "GET /v1/teams/{team}/audit/verify": "audit.read",
    "GET /v1/teams/{team}/audit/export": "audit.read",
    "GET /v1/teams/{team}/audit/retention": "audit.read",
    "PUT /v1/teams/{team}/audit/retention": "audit.manage",
    "GET /v1/teams/{team}/audit/streams": "audit.read",
    "GET /v1/teams/{team}/audit/streams/{stream}": "audit.read",
    "PUT /v1/teams/{team}/audit/streams/{stream}": "audit.manage",
    "DELETE /v1/teams/{team}/audit/streams/{stream}": "audit.manage",
    "POST /v1/teams/{team}/audit/streams/{stream}/test": "audit.manage",
    "GET /v1/teams/{team}/sso": "sso.read",
    "PUT /v1/teams/{team}/sso": "sso.manage",
    "DELETE /v1/teams/{team}/sso": "sso.manage",
    "GET /v1/teams/{team}/sso/metadata": "sso.read",
    "GET /v1/teams/{team}/sso/domains": "sso.read",
    "POST /v1/teams/{team}/sso/domains": "sso.manage",
    "POST /v1/teams/{team}/sso/domains/{domain}/verify": "sso.manage",
    "DELETE /v1/teams/{team}/sso/domains/{domain}": "sso.manage",
    "POST /v1/projects": "project.create",
    "GET /v1/projects": "project.read",
    # a project
    "GET /v1/projects/{project}": "project.read",
    "PATCH /v1/projects/{project}": "project.update",
    "DELETE /v1/projects/{project}": "project.delete",
    "GET /v1/projects/{project}/members": "member.read",
    "PUT /v1/projects/{project}/members/{user}": "member.manage",
    "DELETE /v1/projects/{project}/members/{user}": "member.manage",
    "GET /v1/projects/{project}/deploy-keys": "key.read",
    "POST /v1/projects/{project}/deploy-keys": "key.manage",
    "DELETE /v1/projects/{project}/deploy-keys/{deploy_key}": "key.manage",
    "GET /v1/projects/{project}/env": "env.read",
    "PUT /v1/projects/{project}/env/{name}": "env.write",
    "DELETE /v1/projects/{project}/env/{name}": "env.write",
    "POST /v1/projects/{project}/uploads": "deployment.create",
    "POST /v1/uploads/{upload}/missing": "deployment.create",
    "POST /v1/projects/{project}/deployments": "deployment.create",
    "GET /v1/projects/{project}/deployments": "deployment.read",
    "GET /v1/deployments/{deployment}": "deployment.read",
    "POST /v1/deployments/{deployment}/cancel": "deployment.cancel",
    "GET /v1/deployments/{deployment}/logs": "deployment.read",
    "GET /v1/deployments/{deployment}/build": "deployment.read",
    "GET /v1/deployments/{deployment}/files": "deployment.read",
    "GET /v1/deployments/{deployment}/sbom": "deployment.read",
    "GET /v1/deployments/{deployment}/vulnerabilities": "deployment.read",
    "GET /v1/deployments/{deployment}/attestation": "deployment.read",
    "GET /v1/deployments/{deployment}/advice": "deployment.read",
    "POST /v1/projects/{project}/promote": "deployment.promote",
    "POST /v1/projects/{project}/rollback": "deployment.promote",
    "GET /v1/projects/{project}/pointer": "deployment.read",
}
"""Route -> whose it is, or which permission it takes."""

BY_TEAM_IN_BODY = frozenset({"POST /v1/projects", "POST /v1/keys", "POST /v1/policies/simulate"})
BY_TEAM_IN_QUERY = frozenset({"GET /v1/projects", "GET /v1/keys"})
