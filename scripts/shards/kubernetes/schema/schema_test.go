// Package schema holds the manifests of shards against the API of Kubernetes: kustomize
// builds them, and the strict decoder of an API server reads them into its types.
package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// built returns what kustomize makes of a folder, as the objects that an API server reads.
func built(t *testing.T, folder string) (objects []runtime.Object) {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	require.NoError(t, err)
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		require.NoError(t, err)
		object, err := decode(text)
		require.NoError(t, err, string(text))
		objects = append(objects, object)
	}
	return objects
}

// decode reads a manifest strictly: a field that the API does not have is an error.
func decode(text []byte) (runtime.Object, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{batch.AddToScheme, core.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	object, _, err := decoder.Decode(text, nil, nil)
	return object, err
}

// TestCampaign: a job of shards that survive the loss of their pods.
func TestCampaign(t *testing.T) {
	objects := built(t, "../base")
	require.Len(t, objects, 2)
	var job *batch.Job
	for _, object := range objects {
		if one, ok := object.(*batch.Job); ok {
			job = one
		}
	}
	require.NotNil(t, job)
	require.Equal(t, batch.IndexedCompletion, *job.Spec.CompletionMode)
	container := job.Spec.Template.Spec.Containers[0]
	require.Contains(t, container.Env, core.EnvVar{Name: "SHARDS", Value: "8"})
	require.EqualValues(t, 8, *job.Spec.Completions, "a pod for each shard")
	require.Equal(t, container.Name, *job.Spec.PodFailurePolicy.Rules[1].OnExitCodes.ContainerName)
	require.Equal(t, core.RestartPolicyNever, job.Spec.Template.Spec.RestartPolicy, "as a podFailurePolicy demands")
	claim := job.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName
	for _, object := range objects {
		if one, ok := object.(*core.PersistentVolumeClaim); ok {
			require.Equal(t, one.Name, claim)
		}
	}
}

func TestMerge(t *testing.T) {
	require.Len(t, built(t, "../merge"), 1)
}

// TestDecode_strict: the test would see a field that is misspelt.
func TestDecode_strict(t *testing.T) {
	_, err := decode([]byte("apiVersion: batch/v1\nkind: Job\nspec:\n  completionsMode: Indexed\n"))
	require.ErrorContains(t, err, "completionsMode")
}
