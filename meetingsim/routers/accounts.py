"""Accounts and users over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, TypeAdapter

from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.shapes import STRICT, Email, RegionChange, SettingsChange, changes, merged, region_of
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import read_as
from meetingsim.routers.world import Json, bearer, require_admin, stranger
from meetingsim.state.settings import Settings

Name = Annotated[str, Field(min_length=1, max_length=200)]
Domain = Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9.-]+$")]


class NewAccount(BaseModel):
    """An account to be made. ``owner`` and ``admins`` are mail addresses; ``defaults`` are settings."""

    model_config = STRICT
    name: Name
    owner: Email
    admins: Annotated[list[Email], Field(max_length=100)] = []
    domains: Annotated[list[Domain], Field(max_length=100)] = []
    defaults: SettingsChange | None = None
    region: RegionChange | None = None


class NewUser(BaseModel):
    """A user to be made."""

    model_config = STRICT
    name: Name
    email: Email


class AccountAnswer(BaseModel):
    """The account's id, and its token, told this once."""

    account: str
    token: str


class UserAnswer(BaseModel):
    """The user's id, and their token, told this once."""

    user: str
    user_token: str


_ACCOUNT, _USER = TypeAdapter(NewAccount), TypeAdapter(NewUser)


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/accounts``."""
    routes = APIRouter(prefix="/accounts", tags=["accounts"])

    @routes.post(
        "", status_code=201, openapi_extra=takes(NewAccount), responses=answers(201, AccountAnswer, 401, *TAKING)
    )
    async def create_account(request: Request) -> Json:
        """Make an account. For the admin."""
        token = bearer(request.headers)
        world = spaces.of(token)
        require_admin(world, token)
        asked = read_as(_ACCOUNT, await request.body() or b"null")
        defaults: dict[str, Any] = changes(asked.defaults)
        merged(Settings(), defaults)
        account, account_token = await world.accounts.create(
            asked.name,
            asked.owner,
            admins=asked.admins,
            domains=asked.domains,
            defaults=defaults,
            region=region_of(asked.region),
        )
        return {"account": account.id, "token": account_token}

    @routes.post(
        "/{account}/users",
        status_code=201,
        openapi_extra=takes(NewUser),
        responses=answers(201, UserAnswer, 401, *TAKING),
    )
    async def create_user(account: str, request: Request) -> Json:
        """Make a user of an account. For the admin, or by the account's token."""
        token = bearer(request.headers)
        world = spaces.with_account(account, token)
        own = world.accounts.by_account_token(token)
        if not world.is_admin(token) and (own is None or own.id != account):
            raise stranger()
        asked = read_as(_USER, await request.body() or b"null")
        user, user_token = await world.accounts.add_user(world.accounts.account(account).id, asked.name, asked.email)
        return {"user": user.id, "user_token": user_token}

    return routes
