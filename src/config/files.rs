//! Where uploaded files are kept.

use std::path::PathBuf;

use secrecy::SecretString;

use super::named;

/// The region that is named to a bucket of no region.
const REGION: &str = "us-east-1";

/// Where uploaded files are kept.
#[derive(Debug, Clone)]
pub enum Files {
    /// The folder `files` of the data folder.
    Data,
    /// A folder that nodes may share.
    Folder(PathBuf),
    Bucket(BucketConfig),
}

/// A bucket of S3, or of what speaks as S3 does.
#[derive(Debug, Clone)]
pub struct BucketConfig {
    pub name: String,
    /// What the names of all its files begin with; may be empty.
    pub prefix: String,
    pub region: String,
    /// Where it is, if not at Amazon.
    pub endpoint: Option<String>,
    /// Who we are there; the machine's own role without.
    pub keys: Option<BucketKeys>,
}

#[derive(Debug, Clone)]
pub struct BucketKeys {
    pub id: String,
    pub secret: SecretString,
}

/// Reads `""`, a folder, or `s3://bucket/prefix`; for a bucket the usual variables of AWS as well.
pub(super) fn files(
    place: &str,
    environment: impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) -> Files {
    let setting = || named("files", "SWITCHBOARD_FILES");
    let place = place.trim();
    let Some(bucket) = place.strip_prefix("s3://") else {
        if place.contains("://") {
            wrong.push(format!("{} is a folder or s3://bucket, not {place:?}", setting()));
        }
        return if place.is_empty() { Files::Data } else { Files::Folder(place.into()) };
    };
    let (name, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    if name.is_empty() {
        wrong.push(format!("{} names no bucket; it looks like s3://bucket", setting()));
    }
    let endpoint = environment("AWS_ENDPOINT_URL_S3").or_else(|| environment("AWS_ENDPOINT_URL"));
    if let Some(endpoint) = &endpoint
        && !(endpoint.starts_with("https://") || endpoint.starts_with("http://"))
    {
        wrong.push(format!("AWS_ENDPOINT_URL begins with https://, unlike {endpoint:?}"));
    }
    let keys = match (environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Some(BucketKeys { id, secret: secret.into() }),
        (None, None) => None,
        _ => {
            wrong.push(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY come together; one of them is not set"
                    .to_owned(),
            );
            None
        }
    };
    let region = environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION"));
    Files::Bucket(BucketConfig {
        name: name.to_owned(),
        prefix: prefix.trim_matches('/').to_owned(),
        region: region.unwrap_or_else(|| REGION.to_owned()),
        endpoint: endpoint.map(|endpoint| endpoint.trim_end_matches('/').to_owned()),
        keys,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(place: &str, environment: &[(&str, &str)]) -> Result<Files, Vec<String>> {
        let mut wrong = Vec::new();
        let known = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let files = files(place, known, &mut wrong);
        if wrong.is_empty() { Ok(files) } else { Err(wrong) }
    }

    #[test]
    fn files_are_in_the_data_folder_another_folder_or_a_bucket() {
        assert!(matches!(read("", &[]), Ok(Files::Data)));
        assert!(
            matches!(read("/mnt/files", &[]), Ok(Files::Folder(path)) if path == *"/mnt/files")
        );
        let keys = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let Ok(Files::Bucket(bucket)) = read("s3://chat/some/where/", &keys) else { panic!() };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("chat", "some/where"));
        assert_eq!((bucket.region.as_str(), bucket.endpoint), ("us-east-1", None));
        assert_eq!(bucket.keys.unwrap().id, "id");
    }

    #[test]
    fn what_is_wrong_with_a_place_is_said() {
        assert!(read("ftp://host/files", &[]).is_err());
        assert!(read("s3://", &[]).is_err());
        assert!(read("s3://chat", &[("AWS_ACCESS_KEY_ID", "id")]).is_err());
        assert!(read("s3://chat", &[("AWS_ENDPOINT_URL", "minio:9000")]).is_err());
    }
}
