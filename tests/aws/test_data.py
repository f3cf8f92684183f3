"""The database, keys and files: what holds of them in each size."""

from typing import Any

import pytest

from tests.aws.ground import (
    in_both,
    listed,
    name_of,
    of_kind,
    pointed_to,
    properties,
    resources,
    subnets_in,
    text_of,
)


@in_both
def test_the_database_is_reached_from_within_only(size: str) -> None:
    database = properties(size, "Database")

    groups = [name_of(group) for group in database["VPCSecurityGroups"]]
    subnets = properties(size, "DatabaseSubnets")["SubnetIds"]

    assert database["PubliclyAccessible"] is False
    assert groups == ["DatabaseSecurityGroup"]
    assert subnets_in(subnets) == {"InnerSubnetA", "InnerSubnetB"}


@in_both
def test_the_database_is_encrypted_and_asks_for_tls(size: str) -> None:
    database = properties(size, "Database")
    parameters = properties(size, "DatabaseParameters")

    assert database["StorageEncrypted"] is True
    assert name_of(database["KmsKeyId"]) == "DataKey"
    assert name_of(database["DBParameterGroupName"]) == "DatabaseParameters"
    assert parameters["Parameters"]["rds.force_ssl"] == "1"


@in_both
def test_the_database_is_postgres_17(size: str) -> None:
    database = properties(size, "Database")

    assert database["Engine"] == "postgres"
    assert database["EngineVersion"].partition(".")[0] == "17"
    assert properties(size, "DatabaseParameters")["Family"] == "postgres17"


@in_both
def test_nobody_has_the_databases_password(size: str) -> None:
    database = properties(size, "Database")

    assert database["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in database
    assert database["EnableIAMDatabaseAuthentication"] is True
    assert database["MasterUsername"] != "vixenbliss"  # whom functions sign in as


@in_both
def test_of_the_database_something_is_left(size: str) -> None:
    database = resources(size)["Database"]

    assert database["DeletionPolicy"] == "Snapshot"
    assert database["UpdateReplacePolicy"] == "Snapshot"
    assert database["Properties"]["CopyTagsToSnapshot"] is True


@pytest.mark.parametrize(
    ("size", "is_protected", "days"), [("small", False, 7), ("production", True, 14)]
)
def test_production_is_kept_better(size: str, *, is_protected: bool, days: int) -> None:
    database = properties(size, "Database")

    assert database["DeletionProtection"] is is_protected
    assert database["DeleteAutomatedBackups"] is not is_protected
    assert database["BackupRetentionPeriod"] == days


@in_both
def test_a_team_may_say_how_long_backups_are_kept(size: str) -> None:
    database = properties(size, "Database", BackupDays="21")

    assert database["BackupRetentionPeriod"] == {"Ref": "BackupDays"}


@in_both
def test_logs_are_kept_for_a_time_and_encrypted(size: str) -> None:
    database = resources(size)["Database"]
    groups = of_kind(size, "AWS::Logs::LogGroup")

    exported = database["Properties"]["EnableCloudwatchLogsExports"]
    made = [groups[name] for name in database["DependsOn"]]

    assert {text_of(group["LogGroupName"]) for group in made} == {
        f"/aws/rds/instance/${{AWS::StackName}}/{log}" for log in exported
    }
    assert {name_of(group["KmsKeyId"]) for group in made} == {"DataKey"}
    assert all("RetentionInDays" in group for group in made)


@in_both
def test_what_statements_were_about_is_not_logged(size: str) -> None:
    parameters = properties(size, "DatabaseParameters")["Parameters"]

    assert parameters["log_parameter_max_length"] == "0"
    assert parameters["log_parameter_max_length_on_error"] == "0"
    assert parameters["log_error_verbosity"] == "terse"
    assert "statement_timeout" not in parameters


def test_only_production_has_a_proxy() -> None:
    assert not of_kind("small", "AWS::RDS::DBProxy")
    assert list(of_kind("production", "AWS::RDS::DBProxy")) == ["Proxy"]


def test_the_proxy_has_no_password_either() -> None:
    proxy = properties("production", "Proxy")

    (right,) = _rights_of_role("ProxyRole")

    assert proxy["DefaultAuthScheme"] == "IAM_AUTH"
    assert proxy["RequireTLS"] is True
    assert "Auth" not in proxy
    assert right["Action"] == "rds-db:connect"
    assert text_of(right["Resource"]).endswith(
        ":dbuser:${Database.DbiResourceId}/vixenbliss"
    )


def test_the_proxy_is_led_to_the_database_once_its_user_is_there() -> None:
    targets = resources("production")["ProxyTargets"]

    assert targets["DependsOn"] == "Migration"
    assert name_of(targets["Properties"]["DBProxyName"]) == "Proxy"
    assert name_of(targets["Properties"]["DBInstanceIdentifiers"]) == "Database"
    assert not of_kind("small", "AWS::RDS::DBProxyTargetGroup")


@pytest.mark.parametrize(
    ("size", "door", "attribute"),
    [("small", "Database", "DbiResourceId"), ("production", "Proxy", "DBProxyArn")],
)
def test_functions_sign_in_as_one_user_at_one_door(
    size: str, door: str, attribute: str
) -> None:
    (right,) = properties(size, "DatabaseAccess")["PolicyDocument"]["Statement"]

    text, variables = right["Resource"]["Fn::Sub"]

    assert right["Action"] == "rds-db:connect"
    assert text.endswith(":dbuser:${Door}/vixenbliss")
    assert "*" not in text
    assert f"['{door}', '{attribute}']" in str(variables["Door"])


@in_both
def test_functions_connect_where_they_may_sign_in(size: str) -> None:
    variables = properties(size, "AuthFunction")["Environment"]["Variables"]

    is_via_proxy = variables["DATABASE_VIA_PROXY"] == "true"

    assert is_via_proxy is (size == "production")
    door = "Proxy" if is_via_proxy else "Database"
    assert name_of(variables["DATABASE_HOST"]) == door


@in_both
def test_files_are_forgotten_as_the_code_has_it(size: str) -> None:
    rules = properties(size, "MediaBucket")["LifecycleConfiguration"]["Rules"]

    by_prefix = {rule.get("Prefix"): rule for rule in rules}

    assert by_prefix["exports/"]["ExpirationInDays"] == 7
    assert by_prefix["exports/"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 1
    assert "ExpirationInDays" in by_prefix["renditions/"]
    assert "media/" not in by_prefix
    assert not [r for r in rules if "Prefix" not in r and "ExpirationInDays" in r]


@in_both
def test_the_bucket_is_ours_alone(size: str) -> None:
    bucket = properties(size, "MediaBucket")

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_pages_that_may_call_the_api_may_send_files() -> None:
    ours = {"CorsOrigins": "https://ours.test,https://also.test"}

    (rule,) = properties("small", "MediaBucket", **ours)["CorsConfiguration"][
        "CorsRules"
    ]

    assert list(pointed_to(rule["AllowedOrigins"])) == ["CorsOrigins"]
    assert {"GET", "POST"} <= set(rule["AllowedMethods"])


@in_both
@pytest.mark.parametrize(
    "name", ["DataKey", "TokenKey", "ProvenanceKey", "MediaBucket"]
)
def test_what_cannot_be_made_again_stays(size: str, name: str) -> None:
    resource = resources(size)[name]

    assert resource["DeletionPolicy"] == "Retain"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_alarms_may_be_told_though_the_topic_is_encrypted() -> None:
    key = properties("small", "DataKey")["KeyPolicy"]["Statement"]
    topic = properties("small", "AlarmTopicPolicy")["PolicyDocument"]["Statement"]

    to_key = {service for statement in key for service in _services(statement)}
    to_topic = {service for statement in topic for service in _services(statement)}

    assert "cloudwatch.amazonaws.com" in to_topic
    assert to_topic <= to_key


@pytest.mark.parametrize(
    ("kind", "policies", "key"),
    [
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ],
)
def test_nothing_is_had_without_tls(kind: str, policies: str, key: str) -> None:
    wanted = of_kind("small", kind).keys()

    covered = [
        name_of(covered)
        for policy in of_kind("small", policies).values()
        for covered in listed(policy[key])
        if _refuses_plain_text(policy["PolicyDocument"])
    ]

    assert wanted
    assert sorted(covered) == sorted(wanted)


def _refuses_plain_text(document: Any) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in document["Statement"]
    )


def _services(statement: Any) -> list[str]:
    principal = statement["Principal"]
    if statement["Effect"] != "Allow" or "Service" not in principal:
        return []
    return [str(service) for service in listed(principal["Service"])]


def _rights_of_role(name: str) -> list[Any]:
    policies = properties("production", name)["Policies"]
    return [right for p in policies for right in p["PolicyDocument"]["Statement"]]
