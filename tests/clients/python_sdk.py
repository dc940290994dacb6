"""The published Python SDK of Microsoft Graph (beta), unchanged but for its base URL, over TLS: python_sdk.py PROGRAM."""

import asyncio
import ssl
import sys
import time

import httpx
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph_beta import GraphServiceClient
from msgraph_beta.generated.device_management.managed_devices.execute_action.execute_action_post_request_body import (
    ExecuteActionPostRequestBody,
)
from msgraph_beta.generated.device_management.managed_devices.item.send_custom_notification_to_company_portal.send_custom_notification_to_company_portal_post_request_body import (
    SendCustomNotificationToCompanyPortalPostRequestBody as ToDevice,
)
from msgraph_beta.generated.device_management.managed_devices.managed_devices_request_builder import (
    ManagedDevicesRequestBuilder,
)
from msgraph_beta.generated.device_management.send_custom_notification_to_company_portal.send_custom_notification_to_company_portal_post_request_body import (
    SendCustomNotificationToCompanyPortalPostRequestBody as ToGroups,
)
from msgraph_beta.generated.models.managed_device_remote_action import ManagedDeviceRemoteAction
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import APIVersion, GraphClientFactory
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

from served import Served


class Token(AccessTokenProvider):
    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client_of(served, token):
    trust = ssl.create_default_context(cafile=served.certificate)
    http = GraphClientFactory.create_with_default_middleware(
        api_version=APIVersion.beta, client=httpx.AsyncClient(verify=trust), options=options
    )
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)), http)
    adapter.base_url = served.secure + "/beta"
    return GraphServiceClient(request_adapter=adapter), adapter


def query(**wanted):
    parameters = ManagedDevicesRequestBuilder.ManagedDevicesRequestBuilderGetQueryParameters(**wanted)
    return RequestConfiguration(query_parameters=parameters)


def text(kind, **more):
    return kind(notification_title="Canteen closed", notification_body="Please use building 3: déjà vu.", **more)


async def refused(call):
    """The error of a call that must fail, and how long it took to give up."""
    begin = time.monotonic()
    try:
        await call
    except ODataError as error:
        return error, time.monotonic() - begin
    raise AssertionError("it was not refused")


async def main(program):
    with Served(program) as served:
        client, adapter = client_of(served, served.token("--as", "administrator"))
        devices = client.device_management.managed_devices

        page = await devices.get(query(top=50, count=True))
        assert page.odata_count > 100 and len(page.value) == 50 and page.odata_next_link.startswith(served.secure), page
        names = []
        iterator = PageIterator(page, adapter)
        await iterator.iterate(lambda device: names.append(device.device_name) or True)
        assert len(names) == len(set(names)) == page.odata_count, len(names)

        phones = await devices.get(query(filter="operatingSystem eq 'iOS' and startswith(deviceName,'user-1')"))
        assert phones.value and all(phone.operating_system == "iOS" for phone in phones.value)
        phone = phones.value[0]
        assert phone.enrolled_date_time.tzinfo and phone.managed_device_owner_type is not None
        same = await devices.by_managed_device_id(phone.id).get()
        assert same.device_name == phone.device_name

        send = devices.by_managed_device_id(phone.id).send_custom_notification_to_company_portal
        for _ in range(10):
            assert await send.post(text(ToDevice)) is None
        error, waited = await refused(send.post(text(ToDevice)))
        assert error.response_status_code == 429 and error.error.code == "TooManyRequests", error
        assert 3_400 < int(error.response_headers["retry-after"]) <= 3_600, error.response_headers
        assert waited < 10, "an SDK that is told to wait for an hour gives up at once"
        assert error.error.inner_error.request_id and error.error.inner_error.client_request_id, error

        error, _ = await refused(
            devices.by_managed_device_id("01234567-89ab-cdef-0123-456789abcdef").get()
        )
        assert error.response_status_code == 404 and error.error.code == "ResourceNotFound", error

        groups = await client.groups.get()
        group = next(group for group in groups.value if group.display_name == "Crew")
        members = await client.groups.by_group_id(group.id).transitive_members.graph_user.get()
        assert len(members.value) == 12, members
        everyone = client.device_management.send_custom_notification_to_company_portal
        for _ in range(25):
            assert await everyone.post(text(ToGroups, groups_to_notify=[group.id])) is None
        error, _ = await refused(everyone.post(text(ToGroups, groups_to_notify=[group.id])))
        assert error.response_status_code == 429, error

        others = await devices.get(query(filter=f"operatingSystem eq 'Android' and id ne '{phone.id}'", top=2))
        laptops = await devices.get(query(filter="operatingSystem eq 'Windows'", top=1))
        body = ExecuteActionPostRequestBody(
            action_name=ManagedDeviceRemoteAction.CustomTextNotification,
            device_ids=[phone.id, others.value[0].id, laptops.value[0].id, "01234567-89ab-cdef-0123-456789abcdef"],
            notification_title="t",
            notification_body="b",
        )
        result = await devices.execute_action.post(body)
        assert result.successful_device_ids == [others.value[0].id], result
        assert result.failed_device_ids == [phone.id], result
        assert result.not_supported_device_ids == [laptops.value[0].id], result
        assert result.not_found_device_ids == ["01234567-89ab-cdef-0123-456789abcdef"], result

        user = await client.users.by_user_id(phone.user_principal_name).get()
        assert user.id == phone.user_id
        batch = BatchRequestContent()
        first = BatchRequestItem(client.users.by_user_id(user.id).to_get_request_information())
        second = BatchRequestItem(
            devices.by_managed_device_id(others.value[1].id)
            .send_custom_notification_to_company_portal.to_post_request_information(text(ToDevice))
        )
        for item in [first, second]:
            batch.add_request(item.id, item)
        answers = await BatchRequestBuilder(adapter).post(batch)
        assert answers.get_response_by_id(first.id).status == 200
        assert answers.get_response_by_id(second.id).status == 204

        desk, _ = client_of(served, served.token("--as", "help-desk"))
        error, _ = await refused(
            desk.device_management.send_custom_notification_to_company_portal.post(
                text(ToGroups, groups_to_notify=[group.id])
            )
        )
        assert error.response_status_code == 403 and error.error.code == "Forbidden", error
        stranger, _ = client_of(served, "x.y.z")
        error, _ = await refused(stranger.users.get())
        assert error.response_status_code == 401 and error.error.code == "InvalidAuthenticationToken", error
    print("the Python SDK: all well")


asyncio.run(main(sys.argv[1]))
