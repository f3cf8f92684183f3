"""The network: who may talk to whom, and how the outside is reached."""

import subprocess
from typing import Any

import pytest

from tests.aws.ground import (
    in_both,
    listed,
    name_of,
    of_kind,
    properties,
    resources,
    subnets_in,
    text_of,
)

FUNCTIONS = {"InnerSecurityGroup", "OuterSecurityGroup"}
ANYWHERE = "0.0.0.0/0"


@in_both
def test_no_group_lets_the_world_in(size: str) -> None:
    rules = [*_rules(size, "Ingress")]

    sources = [rule for _, rule in rules if set(rule) & {"CidrIp", "CidrIpv6"}]

    assert rules
    assert not sources


@in_both
def test_every_group_says_what_leaves_it(size: str) -> None:
    groups = of_kind(size, "AWS::EC2::SecurityGroup")

    silent = [
        name for name, group in groups.items() if not group["SecurityGroupEgress"]
    ]

    assert not silent  # or EC2 lets everything out


@in_both
@pytest.mark.parametrize(
    ("group", "port", "callers"),
    [
        ("DatabaseSecurityGroup", 5432, FUNCTIONS | {"ProxySecurityGroup"}),
        ("ProxySecurityGroup", 5432, FUNCTIONS),
        ("EndpointSecurityGroup", 443, FUNCTIONS),
        ("InnerSecurityGroup", None, set()),
        ("OuterSecurityGroup", None, set()),
    ],
)
def test_a_group_lets_in_whom_it_has_to(
    size: str, group: str, port: int | None, callers: set[str]
) -> None:
    rules = [rule for name, rule in _rules(size, "Ingress") if name == group]

    assert {name_of(rule["SourceSecurityGroupId"]) for rule in rules} == callers
    assert {(r["IpProtocol"], r["FromPort"], r["ToPort"]) for r in rules} == (
        {("tcp", port, port)} if callers else set()
    )


@in_both
def test_who_is_let_in_is_let_out(size: str) -> None:
    let_in = {
        (name_of(rule["SourceSecurityGroupId"]), group)
        for group, rule in _rules(size, "Ingress")
        if rule["FromPort"] == 5432
    }

    let_out = {
        (group, name_of(rule["DestinationSecurityGroupId"]))
        for group, rule in _rules(size, "Egress")
        if rule.get("FromPort") == 5432
    }

    assert let_in == let_out


@in_both
def test_the_way_out_is_for_443_only(size: str) -> None:
    open_ = {
        (group, rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
        for group, rule in _rules(size, "Egress")
        if rule.get("CidrIp") == ANYWHERE
    }

    allowed = {(group, "tcp", 443, 443) for group in FUNCTIONS}
    nat = {("NatSecurityGroup", "tcp", 443, 443)} if size == "small" else set()
    assert open_ == allowed | nat


@in_both
def test_inner_subnets_have_no_way_out(size: str) -> None:
    tables = {_table_of(size, name) for name in ("InnerSubnetA", "InnerSubnetB")}

    routes = [table for table, _ in _routes(size) if table in tables]

    assert tables == {"InnerRouteTable"}
    assert not routes


@pytest.mark.parametrize(
    ("size", "ways"),
    [
        ("small", {"A": "NatInstance", "B": "NatInstance"}),
        ("production", {"A": "NatGatewayA", "B": "NatGatewayB"}),
    ],
)
def test_outer_subnets_have_a_way_out(size: str, ways: dict[str, str]) -> None:
    found = {
        zone: [
            (route["DestinationCidrBlock"], way)
            for table, route in _routes(size)
            if table == _table_of(size, f"OuterSubnet{zone}")
            for way in _ways(route)
        ]
        for zone in ways
    }

    assert found == {zone: [(ANYWHERE, way)] for zone, way in ways.items()}


@in_both
def test_only_what_leads_out_is_in_publicsubnets_in(size: str) -> None:
    public = {"PublicSubnetA", "PublicSubnetB"}

    inside = {
        name
        for name, resource in resources(size).items()
        if resource["Type"] != "AWS::EC2::SubnetRouteTableAssociation"
        and public & subnets_in(resource.get("Properties"))
    }

    nats = {"small": {"NatInstance"}, "production": {"NatGatewayA", "NatGatewayB"}}
    assert inside == nats[size]


@in_both
def test_functions_are_in_the_subnets_of_their_group(size: str) -> None:
    sides = {"InnerSecurityGroup": "Inner", "OuterSecurityGroup": "Outer"}

    configs = [
        function["VpcConfig"]
        for function in of_kind(size, "AWS::Serverless::Function").values()
    ]

    assert configs
    for config in configs:
        (group,) = {name_of(g) for g in listed(config["SecurityGroupIds"])}
        side = sides[group]
        assert subnets_in(config["SubnetIds"]) == {f"{side}SubnetA", f"{side}SubnetB"}


def test_a_team_may_say_which_zones() -> None:
    zones = {
        str(
            properties("small", name, Zones="us-east-1b,us-east-1d")["AvailabilityZone"]
        )
        for name in of_kind("small", "AWS::EC2::Subnet")
    }

    assert len(zones) == 2
    assert not [zone for zone in zones if "GetAZs" in zone]


@in_both
def test_zones_are_two(size: str) -> None:
    subnets = of_kind(size, "AWS::EC2::Subnet")

    zones = {n: s["AvailabilityZone"]["Fn::Select"][0] for n, s in subnets.items()}

    assert zones == {n: 0 if n.endswith("A") else 1 for n in subnets}
    assert not [n for n, s in subnets.items() if s.get("MapPublicIpOnLaunch")]


@pytest.mark.parametrize(
    ("size", "services", "zones"),
    [
        ("small", {"secretsmanager", "sqs"}, {"InnerSubnetA"}),
        (
            "production",
            {"secretsmanager", "sqs", "kms"},
            {"InnerSubnetA", "InnerSubnetB"},
        ),
    ],
)
def test_services_are_reached_from_within(
    size: str, services: set[str], zones: set[str]
) -> None:
    endpoints = [
        endpoint
        for endpoint in of_kind(size, "AWS::EC2::VPCEndpoint").values()
        if endpoint["VpcEndpointType"] == "Interface"
    ]

    assert {text_of(e["ServiceName"]).split(".")[-1] for e in endpoints} == services
    for endpoint in endpoints:
        assert subnets_in(endpoint["SubnetIds"]) == zones
        assert endpoint["PrivateDnsEnabled"] is True
        (allowed,) = endpoint["PolicyDocument"]["Statement"]
        assert allowed["Condition"]["StringEquals"].keys() == {
            "aws:PrincipalAccount",
            "aws:ResourceAccount",
        }


@in_both
def test_files_are_reached_from_every_function(size: str) -> None:
    endpoints = of_kind(size, "AWS::EC2::VPCEndpoint").values()

    tables = [
        name_of(table)
        for endpoint in endpoints
        if endpoint["VpcEndpointType"] == "Gateway"
        for table in endpoint["RouteTableIds"]
    ]

    assert sorted(tables) == ["InnerRouteTable", "OuterRouteTableA", "OuterRouteTableB"]


def test_in_small_keys_are_used_from_outer_subnets_only() -> None:
    functions = of_kind("small", "AWS::Serverless::Function")

    users = [function for function in functions.values() if "kms:" in str(function)]

    assert users
    groups = [listed(user["VpcConfig"]["SecurityGroupIds"]) for user in users]
    assert {name_of(group) for of_user in groups for group in of_user} == {
        "OuterSecurityGroup"
    }


def test_from_inner_subnets_only_our_buckets_are_reached() -> None:
    policy = properties("small", "InnerStorageEndpoint")["PolicyDocument"]

    ours, answers = policy["Statement"]

    assert ours["Condition"]["StringEquals"].keys() == {"aws:ResourceAccount"}
    assert answers["Action"] == "s3:PutObject"
    assert "cloudformation-custom-resource-response-" in text_of(answers["Resource"])


def test_nobody_signs_in_to_the_nat_instance() -> None:
    instance = properties("small", "NatInstance")

    assert instance["SourceDestCheck"] is False
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert not instance.keys() & {"KeyName", "IamInstanceProfile"}


def test_bash_can_read_the_nat_instances_script() -> None:
    script = _script()

    read = subprocess.run(
        ["/bin/bash", "-n"], input=script, text=True, capture_output=True, check=False
    )

    assert script.startswith("#!/bin/bash\n")
    assert read.stderr == ""
    assert read.returncode == 0


def test_a_new_nat_instance_says_that_it_works() -> None:
    resource = resources("small")["NatInstance"]

    assert "ResourceSignal" in resource["CreationPolicy"]
    assert "cfn-signal --exit-code $?" in _script()
    assert "--resource NatInstance " in _script()


@in_both
def test_what_the_network_refuses_is_written_down(size: str) -> None:
    (log,) = of_kind(size, "AWS::EC2::FlowLog").values()

    group = properties(size, name_of(log["LogGroupName"]))

    assert log["TrafficType"] == "REJECT"
    assert name_of(log["ResourceId"]) == "Vpc"
    assert "RetentionInDays" in group


def _script() -> str:
    return text_of(properties("small", "NatInstance")["UserData"]["Fn::Base64"])


def _rules(size: str, way: str) -> list[tuple[str, Any]]:
    """Return the rules of all groups, each with its group's logical id."""
    inside = [
        (name, rule)
        for name, group in of_kind(size, "AWS::EC2::SecurityGroup").items()
        for rule in group.get(f"SecurityGroup{way}", [])
    ]
    apart = of_kind(size, f"AWS::EC2::SecurityGroup{way}").values()
    return [*inside, *((name_of(rule["GroupId"]), rule) for rule in apart)]


def _routes(size: str) -> list[tuple[str, Any]]:
    """Return all routes, each with its table's logical id."""
    routes = of_kind(size, "AWS::EC2::Route").values()
    return [(name_of(route["RouteTableId"]), route) for route in routes]


def _ways(route: Any) -> list[str]:
    keys = {"GatewayId", "InstanceId", "NatGatewayId"}
    return [name_of(way) for key, way in route.items() if key in keys]


def _table_of(size: str, subnet: str) -> str:
    associations = of_kind(size, "AWS::EC2::SubnetRouteTableAssociation").values()
    (table,) = (
        name_of(association["RouteTableId"])
        for association in associations
        if name_of(association["SubnetId"]) == subnet
    )
    return table
